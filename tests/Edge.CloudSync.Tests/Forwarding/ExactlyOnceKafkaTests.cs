using Edge.Testing.Centres;
using Edge.CloudSync.Audit;
using Edge.CloudSync.Tests.Centre;
using Xunit;
using Xunit.Abstractions;

namespace Edge.CloudSync.Tests.Forwarding;

/// <summary>Delivery in transactions to Apache Kafka.</summary>
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
    public Task Forward_CentreIsFrozenAndKilled_LosesAndRepeatsNothing() => CentreIsFrozenAndKilled();

    [KafkaFact]
    public Task Forward_CardWasCloned_OneHaltsUntilAdopted() => ClonedCard();

    [KafkaFact]
    public Task Forward_BackupWasRestored_ForksAndUsesNoOffsetTwice() => RestoredBackup();

    [KafkaFact]
    public Task Forward_CursorTopicLost_HaltsUntilTold() => CursorTopicLost();

    [KafkaFact]
    public Task Forward_ModeOfDeliveryChanges_LosesAndRepeatsNothing() => ModeChanges();

    [KafkaFact]
    public Task Forward_CentreRefusesOneRecord_OnlyThatOneBecomesAPointer() => RefusedRecord();
}
