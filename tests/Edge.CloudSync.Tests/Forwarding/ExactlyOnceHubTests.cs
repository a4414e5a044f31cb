using Edge.CloudSync.Audit;
using Edge.CloudSync.Tests.Centre;
using Xunit;
using Xunit.Abstractions;

namespace Edge.CloudSync.Tests.Forwarding;

/// <summary>Delivery in transactions to a hub.</summary>
[Trait("Category", "Slow")]
public sealed class ExactlyOnceHubTests(HubCentre centre, ITestOutputHelper output) : ExactlyOnceScenarios(centre, output), IClassFixture<HubCentre>
{
    [Fact]
    public Task Forward_ManyRecords_ArriveOnceInOrder() => ManyRecords();

    [Fact]
    public Task Forward_KilledAgainAndAgain_LosesAndRepeatsNothing() => KilledAgainAndAgain(seed: Environment.TickCount);

    [Fact]
    public Task Forward_EndTxnIsDeliveredLate_LosesAndRepeatsNothing() => LateEndOfTransaction(isRuleOff: false);

    [Fact]
    public async Task Forward_EndTxnIsDeliveredLateWithoutTheTaintRule_DoesDamage()
    {
        AuditReport report = await LateEndOfTransaction(isRuleOff: true);
        Assert.NotEqual((0L, 0L), (report.Lost, report.Duplicated));
    }

    [Fact]
    public Task Forward_LinkFails_LosesAndRepeatsNothing() => LinkFails(seed: Environment.TickCount);

    [Fact]
    public Task Forward_CentreIsFrozenAndKilled_LosesAndRepeatsNothing() => CentreIsFrozenAndKilled();

    [Fact]
    public Task Forward_CardWasCloned_OneHaltsUntilAdopted() => ClonedCard();

    [Fact]
    public Task Forward_BackupWasRestored_ForksAndUsesNoOffsetTwice() => RestoredBackup();

    [Fact]
    public Task Forward_CursorTopicLost_HaltsUntilTold() => CursorTopicLost();

    [Fact]
    public Task Forward_ModeOfDeliveryChanges_LosesAndRepeatsNothing() => ModeChanges();

    [Fact]
    public Task Forward_LocalTransactions_SendsWhatIsCommittedAndWaitsForWhatIsOpen() => LocalTransactions();

    [Fact]
    public Task Forward_BacklogOlderThanTheCentreKeeps_IsHeldOrSentAsTold() => StaleBacklog();

    [Fact]
    public Task Fleet_ApplianceForwards_TheCentreKnowsItsState() => FleetReports();
}
