namespace Edge.Testing.Simulation;

/// <summary>What a disk image has to show: at least the acknowledged items, at most the submitted ones.</summary>
/// <param name="Acknowledged">Items from 0 that must be readable.</param>
/// <param name="Submitted">Items that had been given to the journal.</param>
/// <param name="AcknowledgedTopics">Topics that must be there.</param>
/// <param name="Epoch">Highest epoch under which something was promised; later boots have a higher one.</param>
/// <param name="Starts">Log starts that were shown: a power cut must not bring back what is below.</param>
/// <param name="DeviceId">Identity that was shown with a promise; null before the first.</param>
public sealed record Expectation(Model Model, int Acknowledged, int Submitted, IReadOnlySet<string> AcknowledgedTopics, int Epoch, string? DeviceId, string? LogId,
    IReadOnlyDictionary<(string Topic, int Partition), long> Starts)
{
    /// <summary>What is promised at this moment.</summary>
    public static Expectation Of(Model model)
    {
        model.CountAcknowledged();
        return new Expectation(model, model.AcknowledgedCount, model.Items.Count, model.Topics.Values.Where(t => t.IsAcknowledged).Select(t => t.Name).ToHashSet(),
            model.Epoch, model.DeviceId, model.LogId, model.ShownStarts);
    }
}
