using System.Text;
using Edge.Log;
using Edge.Log.Topics;

namespace Edge.Hardware.State;

/// <summary>Where totals live over restarts and power cuts.</summary>
internal interface IStateStore
{
    string? Load(string sensor);

    /// <summary>Durable when it completes with true.</summary>
    Task<bool> SaveAsync(string sensor, string state);
}

/// <summary>A sensor whose value goes on where it was: a counter's total.</summary>
internal interface IKeepsState
{
    /// <summary>What <see cref="Restore"/> takes back; null while there is nothing to keep.</summary>
    string? State { get; }

    /// <summary>Before the first opening. Text it cannot read is ignored.</summary>
    void Restore(string state);
}

/// <summary>The table <c>__sensor_state</c> of the journal, made when the first state is saved.</summary>
internal sealed class JournalStateStore(Journal journal) : IStateStore
{
    public const string TableName = "__sensor_state";

    public string? Load(string sensor) =>
        journal.GetTable(TableName).TryGet(sensor, out ReadOnlyMemory<byte> value) ? Encoding.UTF8.GetString(value.Span) : null;

    public async Task<bool> SaveAsync(string sensor, string state) =>
        (await journal.GetTable(TableName).PutAsync(sensor, Encoding.UTF8.GetBytes(state)).ConfigureAwait(false)).IsDurable;
}
