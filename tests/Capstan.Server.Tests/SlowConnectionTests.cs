using System.Net;
using System.Net.Sockets;

namespace Capstan.Server.Tests;

/// <summary>Connections that are held for nothing do not keep others out.</summary>
public class SlowConnectionTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    // Another address of this machine: for the server another peer.
    private static readonly IPAddress Attacker = IPAddress.Parse("127.0.0.2");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_header_that_never_ends_is_given_up()
    {
        using var client = await ConnectAsync();
        await client.GetStream().WriteAsync("GET /livez HTTP/1.1\r\nHost: "u8.ToArray(), Cancellation);
        Assert.Contains("408", await ReadAllAsync(client), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_peer_has_a_share_of_the_connections_and_not_all()
    {
        var held = new List<TcpClient>();
        try
        {
            for (var i = 0; i < 1024; i++)
            {
                held.Add(await ConnectAsync());
                await held[i].GetStream().WriteAsync("GET /livez"u8.ToArray(), Cancellation);
            }

            using var beyond = await ConnectAsync();
            Assert.Equal("", await ReadAllAsync(beyond));
            using var other = await fixture.SendAsync("GET", "/livez");
            Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        }
        finally
        {
            held.ForEach(client => client.Dispose());
        }
    }

    private async Task<TcpClient> ConnectAsync()
    {
        var client = new TcpClient(new IPEndPoint(Attacker, 0));
        await client.ConnectAsync(IPAddress.Loopback, fixture.Server.Url.Port, Cancellation);
        return client;
    }

    private static async Task<string> ReadAllAsync(TcpClient client)
    {
        using var reader = new StreamReader(client.GetStream());
        try
        {
            return await reader.ReadToEndAsync(Cancellation);
        }
        catch (IOException)
        {
            // Reset: nothing was said.
            return "";
        }
    }
}
