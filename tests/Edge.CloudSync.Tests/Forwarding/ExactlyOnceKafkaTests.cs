using Edge.Testing.Centres;
using Edge.CloudSync.Audit;
using Edge.CloudSync.Tests.Centre;
using Xunit;
using Xunit.Abstractions;

namespace Edge.CloudSync.Tests.Forwarding;

/// <summary>Delivery in transactions to Apache Kafka. What does not depend on the centre is tested on the hub alone, which starts faster; brokers are killed and frozen in the soak.</summary>
[Trait("Category", "Slow")]
public sealed class ExactlyOnceKafkaTests(KafkaCentre centre, ITestOutputHelper output) : ExactlyOnceScenarios(centre, output), IClassFixture<KafkaCentre>
{
    [KafkaFact]
    public Task Forward_ManyRecords_ArriveOnceInOrder() => ManyRecords();

    [KafkaFact]
    public Task Forward_KilledAgainAndAgain_LosesAndRepeatsNothing() => KilledAgainAndAgain(seed: Environment.TickCount);

    [KafkaFact]
    public Task Forward_EndTxnIsDeliveredLate_LosesAndRepeatsNothing() => LateEndOfTransaction(isRuleOff: false);

    [KafkaFact]
    public async Task Forward_EndTxnIsDeliveredLateWithoutTheTaintRule_DoesDamage()
    {
        AuditReport report = await LateEndOfTransaction(isRuleOff: true);
        Assert.NotEqual((0L, 0L), (report.Lost, report.Duplicated));
    }

    [KafkaFact]
    public Task Forward_LinkFails_LosesAndRepeatsNothing() => LinkFails(seed: Environment.TickCount);

    [KafkaFact]
    public Task Forward_BackupWasRestored_ForksAndUsesNoOffsetTwice() => RestoredBackup();

    [KafkaFact]
    public Task Forward_CentreRefusesOneRecord_OnlyThatOneBecomesAPointer() => RefusedRecord();
}
