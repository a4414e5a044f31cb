using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Edge.Log.Commit;
using Edge.Log.Topics;

namespace Edge.Log.State;

/// <summary>Log starts that a policy moved: internal table <c>__starts</c>, key = partition id, value = offset (int64, big-endian).</summary>
/// <remarks>Durable before anything of the partition is removed, so that a power cut never brings back what was announced as gone.</remarks>
internal static class StartOffsets
{
    public const string TableName = "__starts";

    /// <summary>Upper bound of the bytes one <see cref="Put"/> appends.</summary>
    public const int PutBytes = 200;

    public static void Put(Journal journal, ICommitWriter writer, Partition partition, long offset)
    {
        byte[] value = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(value, offset);
        writer.Put(journal.GetTable(TableName), Encoding.UTF8.GetBytes(KeyOf(partition)), value);
    }

    public static void Forget(Journal journal, ICommitWriter writer, string key) =>
        writer.Put(journal.GetTable(TableName), Encoding.UTF8.GetBytes(key), default(ReadOnlyMemory<byte>?));

    /// <summary>Partition id and offset of an entry; false for a removal.</summary>
    public static bool TryParse(string key, ReadOnlyMemory<byte>? value, out int partitionId, out long offset)
    {
        offset = 0;
        if (!int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out partitionId) || value is not { Length: 8 } bytes) return false;
        offset = BinaryPrimitives.ReadInt64BigEndian(bytes.Span);
        return true;
    }

    private static string KeyOf(Partition partition) => partition.Id.ToString(CultureInfo.InvariantCulture);
}
