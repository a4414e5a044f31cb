using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Edge.Log.Records;
using Edge.Log.Tools;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Edge.Http.Endpoints;

/// <summary>A backup of the running journal as a tar archive. docs/formats/backup.md.</summary>
internal sealed class BackupEndpoints(HttpApiContext context)
{
    private const int BlockBytes = 512, PieceBytes = 256 << 10, LowestRate = 512 << 10;

    /// <summary>A reader slower than this is cut off: meanwhile the space of removed segments cannot be used again.</summary>
    private static readonly MinDataRate Slowest = new(bytesPerSecond: 64 << 10, gracePeriod: TimeSpan.FromSeconds(15));

    private int _running;

    /// <summary>One at a time. <c>?rate=</c> bytes a second, so that a slow card keeps its time for commits.</summary>
    public async Task BackupAsync(HttpContext http)
    {
        if (!http.Request.Headers.ContainsKey("Authorization")) throw new ProblemException(403, "Token needed", "A backup holds everything: it is given only to who shows the token of run.json (Authorization: Bearer …).");
        long rate = Query.Number(http, "rate", fallback: long.MaxValue, minimum: LowestRate, maximum: long.MaxValue);
        if (Interlocked.Exchange(ref _running, 1) != 0) throw new ProblemException(409, "Backup running", "Another backup is being taken; one at a time.");
        try
        {
            using JournalBackup backup = context.Journal.BeginBackup();
            if (http.Features.Get<IHttpMinResponseDataRateFeature>() is { } slowest) slowest.MinDataRate = Slowest;
            http.Response.ContentType = "application/x-tar";
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, context.Stopping);
            var tar = new TarOutput(http.Response.BodyWriter, backup.Taken, rate, context.TimeProvider, stop.Token);
            var sums = new List<(BackupFile File, uint Checksum)>();
            foreach (BackupFile file in backup.Files)
            {
                sums.Add((file, await tar.WriteAsync("journal/" + file.Name, file.Length, file.Read).ConfigureAwait(false)));
                file.Release();
            }
            byte[] manifest = Manifest(backup, sums);
            await tar.WriteAsync("backup.json", manifest.Length, (position, destination) =>
            {
                int bytes = Math.Min(destination.Length, manifest.Length - (int)position);
                manifest.AsSpan((int)position, bytes).CopyTo(destination);
                return bytes;
            }).ConfigureAwait(false);
            await tar.EndAsync().ConfigureAwait(false);
        }
        finally { Volatile.Write(ref _running, 0); }
    }

    private byte[] Manifest(JournalBackup backup, List<(BackupFile File, uint Checksum)> sums)
    {
        var body = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteNumber("format"u8, 1);
            json.WriteString("device"u8, backup.DeviceId);
            json.WriteString("log"u8, backup.LogId);
            json.WriteNumber("epoch"u8, backup.Epoch);
            json.WriteString("version"u8, context.Version);
            json.WriteString("taken"u8, backup.Taken.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
            json.WriteNumber("durableSequence"u8, backup.DurableSequence);
            json.WriteStartArray("files"u8);
            foreach ((BackupFile file, uint checksum) in sums)
            {
                json.WriteStartObject();
                json.WriteString("name"u8, file.Name);
                json.WriteNumber("bytes"u8, file.Length);
                json.WriteNumber("size"u8, file.FileLength);
                json.WriteNumber("crc32c"u8, checksum);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return body.WrittenSpan.ToArray();
    }

    private delegate int Source(long position, Span<byte> destination);

    /// <summary>POSIX ustar, regular files only.</summary>
    private sealed class TarOutput(PipeWriter output, DateTimeOffset time, long bytesPerSecond, TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        private readonly long _began = timeProvider.GetTimestamp();
        private long _sent;

        /// <returns>CRC-32C of the content.</returns>
        public async Task<uint> WriteAsync(string name, long length, Source read)
        {
            WriteHeader(output.GetSpan(BlockBytes)[..BlockBytes], name, length);
            output.Advance(BlockBytes);
            uint checksum = 0;
            for (long at = 0; at < length;)
            {
                int bytes = Fill(read, at, length, ref checksum);
                at += bytes;
                await PaceAsync(bytes).ConfigureAwait(false);
                FlushResult flushed = await output.FlushAsync(cancellationToken).ConfigureAwait(false);
                if (flushed.IsCompleted) throw new OperationCanceledException("The client left.");
            }
            int padding = (int)((BlockBytes - (length % BlockBytes)) % BlockBytes);
            output.GetSpan(BlockBytes)[..padding].Clear();
            output.Advance(padding);
            return checksum;
        }

        public async Task EndAsync()
        {
            output.GetSpan(2 * BlockBytes)[..(2 * BlockBytes)].Clear();
            output.Advance(2 * BlockBytes);
            await output.FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        private int Fill(Source read, long at, long length, ref uint checksum)
        {
            Span<byte> room = output.GetSpan(PieceBytes);
            int want = (int)Math.Min(room.Length, Math.Min(PieceBytes, length - at)), bytes = read(at, room[..want]);
            // A header went out with the length: a file that is shorter than it was cannot be told in any other way than by ending.
            if (bytes < want) throw new InvalidDataException("A file of the journal is shorter than it was.");
            checksum = Crc32C.Append(checksum, room[..bytes]);
            output.Advance(bytes);
            return bytes;
        }

        private async Task PaceAsync(int bytes)
        {
            _sent += bytes;
            if (bytesPerSecond == long.MaxValue) return;
            TimeSpan early = TimeSpan.FromSeconds((double)_sent / bytesPerSecond) - timeProvider.GetElapsedTime(_began);
            if (early > TimeSpan.Zero) await Task.Delay(early, timeProvider, cancellationToken).ConfigureAwait(false);
        }

        /// <summary>Source: POSIX.1-1988, ustar interchange format.</summary>
        private void WriteHeader(Span<byte> block, string name, long length)
        {
            block.Clear();
            Encoding.ASCII.GetBytes(name, block[..100]);
            Octal(block[100..108], 0b110_000_000);
            Octal(block[108..116], 0);
            Octal(block[116..124], 0);
            Octal(block[124..136], length);
            Octal(block[136..148], time.ToUnixTimeSeconds());
            block[148..156].Fill((byte)' ');
            block[156] = (byte)'0';
            "ustar\0"u8.CopyTo(block[257..]);
            "00"u8.CopyTo(block[263..]);
            int sum = 0;
            foreach (byte b in block) sum += b;
            Octal(block[148..155], sum);
        }

        private static void Octal(Span<byte> field, long value)
        {
            for (int i = field.Length - 2; i >= 0; i--, value >>= 3) field[i] = (byte)('0' + (value & 7));
            field[^1] = 0;
        }
    }
}
