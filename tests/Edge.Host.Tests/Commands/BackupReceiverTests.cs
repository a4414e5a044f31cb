using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Edge.Host.Commands;
using Edge.Log;
using Edge.Log.Storage;
using Edge.Log.Tools;
using Edge.Testing.Processes;
using Xunit;

namespace Edge.Host.Tests.Commands;

/// <summary>The archive of a backup on its way: cut, damaged, or made by someone else. None of these may become a journal that opens.</summary>
public sealed class BackupReceiverTests
{
    [Fact]
    public async Task Receive_WholeArchive_OpensAndACutOneNeverDoes()
    {
        byte[] archive = await ArchiveAsync();
        using (var whole = new TempDirectory())
        {
            BackupManifest manifest = await BackupReceiver.ReceiveAsync(new MemoryStream(archive), whole.Path, CancellationToken.None);
            Assert.True(manifest.Files >= 3);
            OfflineJournal.Open(new PosixDisk(whole.At("journal"))).Dispose();
        }
        int end = archive.AsSpan().LastIndexOfAnyExcept((byte)0); // behind it only the padding of the archive
        for (int i = 0; i <= 40; i++)
        {
            int cut = (int)((long)end * i / 40);
            using var part = new TempDirectory();
            Exception e = await Assert.ThrowsAnyAsync<Exception>(() => BackupReceiver.ReceiveAsync(new MemoryStream(archive, 0, cut), part.Path, CancellationToken.None));
            Assert.True(e is InvalidDataException or IOException, $"cut at {cut}: {e}");
            AssertDoesNotOpen(part, $"cut at {cut}");
        }
    }

    [Fact]
    public async Task Receive_ByteChangedOnTheWay_IsRefused()
    {
        byte[] archive = await ArchiveAsync();
        int at = archive.AsSpan().IndexOf("carried 77"u8);
        archive[at] ^= 1;
        using var target = new TempDirectory();
        InvalidDataException e = await Assert.ThrowsAsync<InvalidDataException>(() => BackupReceiver.ReceiveAsync(new MemoryStream(archive), target.Path, CancellationToken.None));
        Assert.Contains(".seg", e.Message, StringComparison.Ordinal);
        AssertDoesNotOpen(target, "one byte changed");
    }

    // Goal: a name in an archive never leads out of the folder.
    [Theory]
    [InlineData("../outside")]
    [InlineData("journal/../../outside")]
    [InlineData("journal/a/b")]
    [InlineData("/tmp/outside")]
    [InlineData("journal/.hidden")]
    public async Task Receive_NameThatLeadsElsewhere_IsRefused(string name)
    {
        using var archive = new MemoryStream();
        await using (var tar = new System.Formats.Tar.TarWriter(archive, System.Formats.Tar.TarEntryFormat.Ustar, leaveOpen: true))
            await tar.WriteEntryAsync(new System.Formats.Tar.UstarTarEntry(System.Formats.Tar.TarEntryType.RegularFile, name) { DataStream = new MemoryStream([1, 2, 3]) });
        archive.Position = 0;
        using var target = new TempDirectory();
        InvalidDataException e = await Assert.ThrowsAsync<InvalidDataException>(() => BackupReceiver.ReceiveAsync(archive, Path.Combine(target.Path, "in", "side"), CancellationToken.None));
        Assert.Contains(name, e.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(target.Path, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Backup_WhileAnotherRuns_Is409AndWithoutTokenOrWithAWrongOne403Or401()
    {
        await using TestAppliance edge = await FilledAsync(lines: 60_000);
        using HttpClient client = Client(edge, edge.Appliance.Token), nobody = Client(edge, null), wrong = Client(edge, "0123");
        Assert.Equal(HttpStatusCode.Forbidden, (await nobody.GetAsync("/api/v1/backup")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await wrong.GetAsync("/api/v1/backup")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await client.GetAsync("/api/v1/backup?rate=5")).StatusCode);
        using (HttpResponseMessage first = await client.GetAsync("/api/v1/backup?rate=524288", HttpCompletionOption.ResponseHeadersRead))
        {
            Assert.Equal(HttpStatusCode.OK, first.StatusCode);
            Assert.Equal("application/x-tar", first.Content.Headers.ContentType?.MediaType);
            Assert.Equal(HttpStatusCode.Conflict, (await client.GetAsync("/api/v1/backup")).StatusCode);
        }
        // The first client left: the next one is served once that was noticed.
        await Eventually.TrueAsync(async () => (await client.GetAsync("/api/v1/backup", HttpCompletionOption.ResponseHeadersRead)).StatusCode == HttpStatusCode.OK, TimeSpan.FromSeconds(30), () => "a backup is given after the client of the one before left");
    }

    private static void AssertDoesNotOpen(TempDirectory target, string what)
    {
        if (!Directory.Exists(target.At("journal"))) return;
        var disk = new PosixDisk(target.At("journal"));
        Assert.Throws<JournalFormatException>(() => OfflineJournal.Open(disk));
        Assert.False(disk.Exists(OfflineJournal.FormatFile), what);
    }

    private static async Task<byte[]> ArchiveAsync()
    {
        await using TestAppliance edge = await FilledAsync(lines: 100);
        using HttpClient client = Client(edge, edge.Appliance.Token);
        return await client.GetByteArrayAsync(new Uri("/api/v1/backup", UriKind.Relative));
    }

    private static async Task<TestAppliance> FilledAsync(int lines)
    {
        TestAppliance edge = await TestAppliance.StartAsync();
        var input = new StringBuilder();
        for (int i = 0; i < lines; i++) input.Append("carried ").Append(i).Append('\n');
        Assert.Equal(0, (await edge.RunWithInputAsync(input.ToString(), "produce", "carried", "--key", "k")).ExitCode);
        return edge;
    }

    private static HttpClient Client(TestAppliance edge, string? token)
    {
        var client = new HttpClient { BaseAddress = new Uri(edge.Appliance.Url), Timeout = TimeSpan.FromSeconds(30) };
        if (token is not null) client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }
}
