using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Capstan.GitHost.Tests;

/// <summary>Clients that stall, drip or flood: they are ended, and meanwhile the others are served.</summary>
public sealed class SlowClientTests
{
    // Another address of this machine: for the host another peer.
    private static readonly IPAddress Attacker = IPAddress.Parse("127.0.0.2");
    private static readonly TimeSpan Never = TimeSpan.FromHours(1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_that_drips_in_is_ended_and_changes_nothing()
    {
        await using var host = await GitHostFixture.StartAsync(new GitHostOptions { CreateOnPush = true, MinBytesPerSecond = 1000, SlowGrace = TimeSpan.FromSeconds(1.5) });
        await host.SeedAsync();
        var before = await host.RefsAsync();
        using var client = await ConnectAsync(host);
        var stream = client.GetStream();
        await stream.WriteAsync(Head(host, "POST /git/shop.git/git-receive-pack", "receive-pack", 100_000), Cancellation);
        var answer = ReadAllAsync(stream);
        while (!answer.IsCompleted)
        {
            try
            {
                await stream.WriteAsync("0"u8.ToArray(), Cancellation);
            }
            catch (IOException)
            {
                break;
            }

            await Task.WhenAny(answer, Task.Delay(TimeSpan.FromMilliseconds(100), Cancellation));
        }

        Assert.Contains("the request came too slowly", await answer, StringComparison.Ordinal);
        Assert.Equal(before, await host.RefsAsync());
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(host.Folder, "git/.incoming")));
    }

    [Fact]
    public async Task A_client_that_takes_nothing_of_its_clone_is_ended_and_its_place_given_on()
    {
        await using var host = await GitHostFixture.StartAsync(new GitHostOptions { CreateOnPush = true, MaxConcurrent = 1, MinBytesPerSecond = 1 << 20, SlowGrace = TimeSpan.FromSeconds(1.5) });
        var main = await SeedNoiseAsync(host);
        using var stalled = await StallAsync(host, main);

        // The only place is taken until the host has had enough.
        await host.GitAsync(host.Folder, "clone", "-q", "--depth=1", host.UrlWithToken("shop"), "canary");
        await Assert.ThrowsAnyAsync<Exception>(() => DrainAsync(stalled));
    }

    [Fact]
    public async Task Whoever_stalls_leaves_places_to_the_others()
    {
        await using var host = await GitHostFixture.StartAsync(new GitHostOptions { CreateOnPush = true, MaxConcurrent = 4, MaxConcurrentPerPeer = 3, SlowGrace = Never });
        var main = await SeedNoiseAsync(host);
        var attackers = new List<TcpClient>();
        try
        {
            for (var i = 0; i < 8; i++)
            {
                attackers.Add(await StallAsync(host, main, wait: i < 3));
            }

            for (var i = 0; i < 500; i++)
            {
                var idle = await ConnectAsync(host);
                attackers.Add(idle);
                await idle.GetStream().WriteAsync("GET /git/shop.git/in"u8.ToArray(), Cancellation);
            }

            var work = await host.NewWorkAsync("canary");
            await host.GitAsync(work, "push", "-q", host.UrlWithToken("canary"), "main");
            await host.GitAsync(host.Folder, "clone", "-q", host.UrlWithToken("canary"), "copy");
        }
        finally
        {
            attackers.ForEach(client => client.Dispose());
        }
    }

    [Fact]
    public async Task A_peer_with_too_many_requests_under_way_is_told_to_come_back()
    {
        await using var host = await GitHostFixture.StartAsync(new GitHostOptions { CreateOnPush = true, MaxRequestsPerPeer = 2, SlowGrace = Never });
        await host.SeedAsync();

        // Four ask for two places: those that are answered got none, and the others hold theirs.
        var clients = new List<TcpClient>();
        for (var i = 0; i < 4; i++)
        {
            clients.Add(await ConnectAsync(host));
            await clients[i].GetStream().WriteAsync(Head(host, "POST /git/shop.git/git-receive-pack", "receive-pack", 100), Cancellation);
        }

        await UntilAsync(() => Task.FromResult(clients.Count(c => c.Available > 0) == 2));
        clients.FindAll(c => c.Available > 0).ForEach(c => c.Dispose());
        clients.RemoveAll(c => !c.Connected);
        using var first = clients[0];
        using var second = clients[1];
        await UntilAsync(async () =>
        {
            using var third = await ConnectAsync(host);
            await third.GetStream().WriteAsync(Head(host, "GET /git/shop.git/info/refs?service=git-upload-pack", "upload-pack", 0), Cancellation);
            var answer = await ReadAllAsync(third.GetStream());
            return answer.Contains("503", StringComparison.Ordinal) && answer.Contains("Retry-After: 5", StringComparison.Ordinal);
        });
        await host.GitAsync(host.Folder, "ls-remote", host.UrlWithToken("shop"));

        first.Dispose();
        await UntilAsync(async () =>
        {
            using var third = await ConnectAsync(host);
            await third.GetStream().WriteAsync(Head(host, "GET /git/shop.git/info/refs?service=git-upload-pack", "upload-pack", 0), Cancellation);
            return (await ReadAllAsync(third.GetStream())).Contains("200 OK", StringComparison.Ordinal);
        });
    }

    private static async Task<string> SeedNoiseAsync(GitHostFixture host)
    {
        var work = await host.NewWorkAsync("seed");
        var noise = new byte[48 << 20];
        new Random(3).NextBytes(noise);
        await File.WriteAllBytesAsync(Path.Combine(work, "noise"), noise, Cancellation);
        await host.GitAsync(work, "add", "-A");
        await host.GitAsync(work, "-c", "core.compression=0", "commit", "-q", "-m", "noise");
        await host.GitAsync(work, "-c", "core.compression=0", "push", "-q", host.UrlWithToken("shop"), "main");
        return (await host.GitAsync(work, "rev-parse", "HEAD")).Trim();
    }

    // Asks for a clone and reads no more than its first bytes.
    private static async Task<TcpClient> StallAsync(GitHostFixture host, string commit, bool wait = true)
    {
        var client = await ConnectAsync(host);
        var body = Encoding.ASCII.GetBytes(Wire.Line($"want {commit} no-progress\n") + "0000" + Wire.Line("done\n"));
        await client.GetStream().WriteAsync(Head(host, "POST /git/shop.git/git-upload-pack", "upload-pack", body.Length), Cancellation);
        await client.GetStream().WriteAsync(body, Cancellation);
        if (wait)
        {
            await client.GetStream().ReadExactlyAsync(new byte[1024], Cancellation);
        }

        return client;
    }

    private static async Task<TcpClient> ConnectAsync(GitHostFixture host)
    {
        var client = new TcpClient(new IPEndPoint(Attacker, 0)) { ReceiveBufferSize = 4096 };
        await client.ConnectAsync(host.Address.Host, host.Address.Port, Cancellation);
        return client;
    }

    private static byte[] Head(GitHostFixture host, string ask, string service, int length) => Encoding.ASCII.GetBytes(
        $"{ask} HTTP/1.1\r\nHost: {host.Address.Authority}\r\nAuthorization: Basic {Convert.ToBase64String(Wire.Text("a:" + host.Token))}\r\n"
        + $"Content-Type: application/x-git-{service}-request\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");

    private static async Task<string> ReadAllAsync(Stream stream)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            int read;
            while ((read = await stream.ReadAsync(buffer, Cancellation)) > 0)
            {
                text.Append(Encoding.UTF8.GetString(buffer, 0, read));
            }
        }
        catch (IOException)
        {
            // A connection that is reset is an answer too.
        }

        return text.ToString();
    }

    private static async Task DrainAsync(TcpClient client)
    {
        var buffer = new byte[1 << 16];
        var total = 0L;
        int read;
        while ((read = await client.GetStream().ReadAsync(buffer, Cancellation)) > 0)
        {
            total += read;
        }

        Assert.True(total > 48 << 20, "the clone was cut off");
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        while (!await holds())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), limit.Token);
        }
    }
}
