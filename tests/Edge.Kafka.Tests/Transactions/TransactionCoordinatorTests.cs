using Edge.Kafka.Protocol;
using Edge.Kafka.Transactions;
using Edge.Log.Commit;
using Edge.Testing.Storage;
using Xunit;

namespace Edge.Kafka.Tests.Transactions;

public sealed class TransactionCoordinatorTests
{
    private const string Id = "tx";
    private static readonly TopicPartition[] P0 = [new(TransactionLife.TopicName, 0)];

    private static async Task<InitResult> InitAsync(TransactionLife life, long producerId = -1, short epoch = -1, int timeoutMs = 60_000)
    {
        InitResult result = await life.Coordinator.InitAsync(Id, timeoutMs, producerId, epoch);
        Assert.Equal(ErrorCode.None, result.Error);
        return result;
    }

    private static async Task OpenAsync(TransactionLife life, InitResult producer, params string[] values)
    {
        Assert.Equal(ErrorCode.None, await life.Coordinator.AddPartitionsAsync(Id, producer.ProducerId, producer.Epoch, P0));
        foreach (string value in values) Assert.Equal(AppendStatus.Ok, await life.ProduceAsync(producer.ProducerId, producer.Epoch, 0, value));
    }

    [Fact]
    public async Task Produce_OutsideTheTransaction_IsRefused()
    {
        await using TransactionLife life = await TransactionLife.OpenAsync(new SimulatedDisk());
        InitResult producer = await InitAsync(life);
        Assert.Equal(AppendStatus.InvalidTransaction, await life.ProduceAsync(producer.ProducerId, producer.Epoch, 0, "before"));
        await OpenAsync(life, producer, "in");
        Assert.Equal(AppendStatus.InvalidTransaction, await life.ProduceAsync(producer.ProducerId, producer.Epoch, 1, "a partition that was not added"));
        Assert.Equal(AppendStatus.InvalidTransaction, await life.ProduceAsync(producer.ProducerId, producer.Epoch, 0, "no transactional batch", isTransactional: false));
        Assert.Equal(ErrorCode.None, await life.Coordinator.EndAsync(Id, producer.ProducerId, producer.Epoch, isCommit: true));
        Assert.Equal(AppendStatus.InvalidTransaction, await life.ProduceAsync(producer.ProducerId, producer.Epoch, 0, "late"));
        Assert.Equal(["in"], life.Committed(0));
        Assert.Equal(life.Partition(0).HighWatermark, life.Partition(0).LastStableOffset);
    }

    [Fact]
    public async Task Init_AgainWhileOpen_AbortsAndFencesTheFirst()
    {
        await using TransactionLife life = await TransactionLife.OpenAsync(new SimulatedDisk());
        InitResult first = await InitAsync(life);
        await OpenAsync(life, first, "x");
        Assert.Equal(0, life.Partition(0).LastStableOffset);
        InitResult second = await InitAsync(life);
        Assert.Equal((first.ProducerId, (short)(first.Epoch + 1)), (second.ProducerId, second.Epoch));
        Assert.Equal(ErrorCode.ProducerFenced, await life.Coordinator.EndAsync(Id, first.ProducerId, first.Epoch, isCommit: true));
        Assert.Equal(ErrorCode.ProducerFenced, await life.Coordinator.AddPartitionsAsync(Id, first.ProducerId, first.Epoch, P0));
        Assert.Equal(AppendStatus.InvalidProducerEpoch, await life.ProduceAsync(first.ProducerId, first.Epoch, 0, "zombie"));
        Assert.Empty(life.Committed(0));
        Assert.Equal(2, life.Partition(0).LastStableOffset); // the record and its marker
        await OpenAsync(life, second, "y");
        Assert.Equal(AppendStatus.InvalidProducerEpoch, await life.ProduceAsync(first.ProducerId, first.Epoch, 0, "zombie"));
    }

    [Fact]
    public async Task Init_WithTheEpochItHolds_BumpsItOnceHoweverOftenItIsAsked()
    {
        await using TransactionLife life = await TransactionLife.OpenAsync(new SimulatedDisk());
        InitResult first = await InitAsync(life);
        InitResult second = await InitAsync(life, first.ProducerId, first.Epoch);
        InitResult repeat = await InitAsync(life, first.ProducerId, first.Epoch);
        Assert.Equal(second, repeat);
        InitResult other = await InitAsync(life); // another instance took over
        Assert.Equal(ErrorCode.ProducerFenced, (await life.Coordinator.InitAsync(Id, 60_000, second.ProducerId, second.Epoch)).Error);
        Assert.Equal(ErrorCode.None, await life.Coordinator.AddPartitionsAsync(Id, other.ProducerId, other.Epoch, P0));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(900_001)]
    public async Task Init_TimeOutThatIsNotAllowed_IsRefused(int timeoutMs)
    {
        await using TransactionLife life = await TransactionLife.OpenAsync(new SimulatedDisk());
        Assert.Equal(ErrorCode.InvalidTransactionTimeout, (await life.Coordinator.InitAsync(Id, timeoutMs, -1, -1)).Error);
        Assert.Equal(ErrorCode.InvalidRequest, (await life.Coordinator.InitAsync("", 1000, -1, -1)).Error);
    }

    [Fact]
    public async Task End_AskedAgainOrWithoutTransaction_HasKafkasCodes()
    {
        await using TransactionLife life = await TransactionLife.OpenAsync(new SimulatedDisk());
        InitResult producer = await InitAsync(life);
        Assert.Equal(ErrorCode.InvalidTxnState, await life.Coordinator.EndAsync(Id, producer.ProducerId, producer.Epoch, isCommit: true));
        await OpenAsync(life, producer, "x");
        Assert.Equal(ErrorCode.None, await life.Coordinator.EndAsync(Id, producer.ProducerId, producer.Epoch, isCommit: true));
        long end = life.Partition(0).HighWatermark;
        Assert.Equal(ErrorCode.None, await life.Coordinator.EndAsync(Id, producer.ProducerId, producer.Epoch, isCommit: true));
        Assert.Equal(ErrorCode.InvalidTxnState, await life.Coordinator.EndAsync(Id, producer.ProducerId, producer.Epoch, isCommit: false));
        Assert.Equal(end, life.Partition(0).HighWatermark);
        Assert.Equal(ErrorCode.InvalidProducerIdMapping, await life.Coordinator.EndAsync("unknown", producer.ProducerId, producer.Epoch, isCommit: true));
        Assert.Equal(ErrorCode.InvalidProducerIdMapping, await life.Coordinator.EndAsync(Id, producer.ProducerId + 1, producer.Epoch, isCommit: true));
    }

    [Fact]
    public async Task Expire_TransactionOverItsTime_IsAbortedAndFencedAndOthersAreLeft()
    {
        var time = new ManualTimeProvider();
        await using TransactionLife life = await TransactionLife.OpenAsync(new SimulatedDisk(), time);
        InitResult producer = await InitAsync(life, timeoutMs: 5000);
        await OpenAsync(life, producer, "x");
        time.Advance(TimeSpan.FromSeconds(5));
        await life.Coordinator.ExpireAsync();
        Assert.Equal(0, life.Partition(0).LastStableOffset);
        time.Advance(TimeSpan.FromMilliseconds(1));
        await life.Coordinator.ExpireAsync();
        Assert.Equal((2L, 1L), (life.Partition(0).LastStableOffset, life.Statistics.TransactionsTimedOut));
        Assert.Empty(life.Committed(0));
        Assert.Equal(ErrorCode.ProducerFenced, await life.Coordinator.EndAsync(Id, producer.ProducerId, producer.Epoch, isCommit: true));
        Assert.Equal(AppendStatus.InvalidProducerEpoch, await life.ProduceAsync(producer.ProducerId, producer.Epoch, 0, "late"));
        InitResult again = await InitAsync(life);
        Assert.Equal(producer.Epoch + 2, again.Epoch);
    }

    [Fact]
    public async Task Offsets_OfAnOpenTransaction_CountOnlyWhenItCommits()
    {
        await using TransactionLife life = await TransactionLife.OpenAsync(new SimulatedDisk());
        InitResult producer = await InitAsync(life);
        PendingOffset[] offsets = [new(new(TransactionLife.Group, TransactionLife.TopicName, 1), 7, 0, "m")];
        Assert.Equal(ErrorCode.InvalidTxnState, await life.Coordinator.AddOffsetsAsync(Id, producer.ProducerId, producer.Epoch, TransactionLife.Group, offsets));
        foreach ((bool isCommit, long? expected) in new (bool, long?)[] { (false, null), (true, 7) })
        {
            Assert.Equal(ErrorCode.None, await life.Coordinator.AddGroupAsync(Id, producer.ProducerId, producer.Epoch, TransactionLife.Group));
            Assert.Equal(ErrorCode.None, await life.Coordinator.AddOffsetsAsync(Id, producer.ProducerId, producer.Epoch, TransactionLife.Group, offsets));
            Assert.Null(life.CommittedOffset(1));
            Assert.True(life.Coordinator.HasPendingOffset(offsets[0].Key));
            Assert.Equal(ErrorCode.None, await life.Coordinator.EndAsync(Id, producer.ProducerId, producer.Epoch, isCommit));
            Assert.Equal(expected, life.CommittedOffset(1));
            Assert.False(life.Coordinator.HasPendingOffset(offsets[0].Key));
        }
    }

    // Epochs are 16 bits: before they run out the id gets another producer id, and the last epoch is only ever used to fence.
    [Fact]
    public async Task Init_EpochsUsedUp_GivesAnotherProducerId()
    {
        await using TransactionLife life = await TransactionLife.OpenAsync(new SimulatedDisk());
        InitResult first = await InitAsync(life);
        TransactionEntry entry = life.Coordinator.Entries.Single();
        entry.Current = entry.Current! with { Epoch = short.MaxValue - 2 };
        InitResult last = await InitAsync(life);
        Assert.Equal((first.ProducerId, (short)(short.MaxValue - 1)), (last.ProducerId, last.Epoch));
        InitResult next = await InitAsync(life, last.ProducerId, last.Epoch);
        Assert.NotEqual(first.ProducerId, next.ProducerId);
        Assert.Equal(0, next.Epoch);
        Assert.Equal(next, await InitAsync(life, last.ProducerId, last.Epoch));
    }

    [Fact]
    public async Task Restore_PartitionOpenWithoutAnId_IsAborted()
    {
        var disk = new SimulatedDisk();
        await using (TransactionLife life = await TransactionLife.OpenAsync(disk))
        {
            InitResult producer = await InitAsync(life);
            await OpenAsync(life, producer, "x");
            await life.Journal.GetTable(TransactionCoordinator.TableName).PutAsync(Id, null);
        }
        await using TransactionLife again = await TransactionLife.OpenAsync(disk);
        Assert.Equal(again.Partition(0).HighWatermark, again.Partition(0).LastStableOffset);
        Assert.Empty(again.Committed(0));
    }
}
