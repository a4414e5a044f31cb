using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Edge.Log.Records;
using Edge.Log.Storage;
using Edge.Log.Transactions;

namespace Edge.Log.State;

/// <summary>Everything that is derived from the frames before one position: internal tables, partition ends, producers. Written at each seal.</summary>
/// <remarks>docs/formats/state-snapshot.md. With it recovery reads the active segment only. Written aside, synced, renamed; a damaged one is ignored in favour of an older.</remarks>
internal sealed class StateSnapshot
{
    public const string Suffix = ".state";
    public const int FormatVersion = 2, HeaderBytes = 16;

    public long Position { get; init; }
    public long NextSequence { get; set; }
    public long NextIngestSequence { get; set; }
    public int Epoch { get; set; }
    public Dictionary<int, PartitionState> Partitions { get; } = [];
    public Dictionary<string, List<KeyValuePair<string, byte[]>>> Tables { get; } = [];

    private static ReadOnlySpan<byte> Magic => "EDGESTA\0"u8;

    public static string NameOf(long position) => position.ToString("D20", CultureInfo.InvariantCulture) + Suffix;

    /// <param name="fileName">Null = named by its position.</param>
    public void Save(IDisk disk, string? fileName = null)
    {
        using var body = new MemoryStream();
        body.Write(new byte[HeaderBytes]);
        using (var writer = new BinaryWriter(body, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Position);
            writer.Write(NextSequence);
            writer.Write(NextIngestSequence);
            writer.Write(Epoch);
            writer.Write(Partitions.Count);
            foreach ((int id, PartitionState state) in Partitions)
            {
                writer.Write(id);
                writer.Write(state.StartOffset);
                writer.Write(state.EndOffset);
                state.Producers.Save(writer, state.EndOffset);
                state.Transactions.Save(writer, state.StartOffset);
            }
            writer.Write(Tables.Count);
            foreach ((string name, List<KeyValuePair<string, byte[]>> values) in Tables)
            {
                writer.Write(name);
                writer.Write(values.Count);
                foreach ((string key, byte[] value) in values)
                {
                    writer.Write(key);
                    writer.Write(value.Length);
                    writer.Write(value);
                }
            }
        }
        byte[] bytes = body.ToArray();
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(8), FormatVersion);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(12), Crc32C.Compute(bytes.AsSpan(HeaderBytes)));
        WriteAside(disk, fileName ?? NameOf(Position), bytes);
    }

    /// <summary>Null when the file is missing, cut or damaged.</summary>
    /// <exception cref="JournalFormatException">Written by a newer version.</exception>
    public static StateSnapshot? TryLoad(IDisk disk, string name)
    {
        byte[] bytes;
        using (IDiskFile file = disk.Open(name, DiskOpenMode.Read))
        {
            long length = file.Length;
            if (length is < HeaderBytes or > 1 << 30) return null;
            bytes = new byte[length];
            if (file.Read(0, bytes) < bytes.Length) return null;
        }
        if (!bytes.AsSpan(0, 8).SequenceEqual(Magic)) return null;
        if (BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(12)) != Crc32C.Compute(bytes.AsSpan(HeaderBytes))) return null;
        int version = BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(8));
        if (version is < 1 or > FormatVersion)
            throw new JournalFormatException($"State snapshot '{name}' has format version {version}; this version of Edge reads 1 to {FormatVersion}. Nothing was changed.");
        using var reader = new BinaryReader(new MemoryStream(bytes, HeaderBytes, bytes.Length - HeaderBytes));
        var snapshot = new StateSnapshot
        {
            Position = reader.ReadInt64(),
            NextSequence = reader.ReadInt64(),
            NextIngestSequence = reader.ReadInt64(),
            Epoch = reader.ReadInt32(),
        };
        for (int partitions = reader.ReadInt32(); partitions > 0; partitions--)
            snapshot.Partitions.Add(reader.ReadInt32(), new PartitionState(
                reader.ReadInt64(), reader.ReadInt64(), ProducerStates.Load(reader), version >= 2 ? PartitionTransactions.Load(reader) : new PartitionTransactions()));
        for (int tables = reader.ReadInt32(); tables > 0; tables--)
        {
            string table = reader.ReadString();
            var values = new List<KeyValuePair<string, byte[]>>();
            for (int count = reader.ReadInt32(); count > 0; count--) values.Add(new(reader.ReadString(), reader.ReadBytes(reader.ReadInt32())));
            snapshot.Tables.Add(table, values);
        }
        return snapshot;
    }

    /// <summary>Writes a small file so that its name never shows half of it. The caller syncs the directory.</summary>
    internal static void WriteAside(IDisk disk, string name, ReadOnlySpan<byte> bytes)
    {
        string aside = name + ".tmp";
        if (disk.Exists(aside)) disk.Unlink(aside);
        using (IDiskFile file = disk.Open(aside, DiskOpenMode.CreateNew))
        {
            file.Write(0, bytes);
            file.Sync();
        }
        disk.Rename(aside, name);
    }
}
