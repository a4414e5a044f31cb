using System.Diagnostics.CodeAnalysis;
using System.Text;
using Edge.CloudSync.Provenance;

namespace Edge.CloudSync.Audit;

/// <summary>All chains of an audit, found by the bytes of <c>device/log/topic/partition</c> without making text of them.</summary>
internal sealed class ChainTable
{
    private readonly Dictionary<byte[], ChainAuditor> _chains = new(BytesComparer.Instance);
    private readonly Dictionary<byte[], ChainAuditor>.AlternateLookup<ReadOnlySpan<byte>> _byBytes;
    private byte[] _lastName = [];
    private ChainAuditor? _last;

    public ChainTable() => _byBytes = _chains.GetAlternateLookup<ReadOnlySpan<byte>>();

    public ChainAuditor Of(ReadOnlySpan<byte> chain)
    {
        if (_last is not null && chain.SequenceEqual(_lastName)) return _last;
        if (!_byBytes.TryGetValue(chain, out byte[]? name, out ChainAuditor? auditor)) _chains.Add(name = chain.ToArray(), auditor = new ChainAuditor());
        (_lastName, _last) = (name, auditor);
        return auditor;
    }

    public ChainAuditor Of(string device, string log, string topic, int partition) => Of(Encoding.UTF8.GetBytes($"{device}/{log}/{topic}/{partition}"));

    /// <summary>Rows of the chains that have records or are expected, in order of their names.</summary>
    public List<AuditRow> Finish(IReadOnlyCollection<int> trimmed, IReadOnlyList<ChainExpectation> expected)
    {
        foreach (ChainExpectation chain in expected) Of(chain.Device, chain.Log, chain.Topic, chain.Partition);
        var rows = new List<AuditRow>();
        foreach ((byte[] name, ChainAuditor auditor) in _chains)
        {
            string[] parts = Encoding.UTF8.GetString(name).Split('/');
            int partition = int.Parse(parts[3], System.Globalization.CultureInfo.InvariantCulture);
            ChainExpectation? own = expected.FirstOrDefault(e => e.Device == parts[0] && e.Log == parts[1] && e.Topic == parts[2] && e.Partition == partition);
            if (auditor.HasRecords || own is { } account && account.To > account.From)
                rows.Add(auditor.Finish(parts[0], parts[1], parts[2], partition, trimmed, own));
        }
        rows.Sort(static (a, b) => Compare(a, b));
        return rows;
    }

    private static int Compare(AuditRow a, AuditRow b)
    {
        int order = string.CompareOrdinal(a.Device, b.Device);
        if (order == 0) order = string.CompareOrdinal(a.Log, b.Log);
        if (order == 0) order = string.CompareOrdinal(a.Topic, b.Topic);
        return order != 0 ? order : a.Partition.CompareTo(b.Partition);
    }

    private sealed class BytesComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly BytesComparer Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);
        public int GetHashCode([DisallowNull] byte[] obj) => GetHashCode((ReadOnlySpan<byte>)obj);
        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = new HashCode();
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
