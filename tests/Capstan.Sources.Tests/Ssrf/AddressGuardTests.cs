using System.Net;
using System.Net.Sockets;
using Capstan.Sources.Ssrf;

namespace Capstan.Sources.Tests.Ssrf;

public sealed class AddressGuardTests
{
    [Theory]
    [InlineData("127.0.0.1", false)]
    [InlineData("127.8.9.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("172.16.0.1", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("172.32.0.1", true)]
    [InlineData("192.168.1.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("100.128.0.1", true)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::1", false)]
    [InlineData("::", false)]
    [InlineData("::ffff:127.0.0.1", false)]
    [InlineData("::ffff:8.8.8.8", true)]
    [InlineData("::127.0.0.1", false)]
    [InlineData("64:ff9b::7f00:1", false)]
    [InlineData("64:ff9b::808:808", true)]
    [InlineData("2002:7f00:1::", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fd00::1", false)]
    [InlineData("ff02::1", false)]
    [InlineData("8.8.8.8", true)]
    [InlineData("2606:4700::1", true)]
    public void Only_addresses_of_the_open_internet_are_public(string address, bool expected) =>
        Assert.Equal(expected, AddressGuard.IsPublic(IPAddress.Parse(address)));

    [Theory]
    [InlineData("localhost")]
    [InlineData("localhost.")]
    [InlineData("2130706433")]
    [InlineData("0x7f000001")]
    [InlineData("0177.0.0.1")]
    [InlineData("127.1")]
    [InlineData("::ffff:127.0.0.1")]
    public async Task Names_and_odd_spellings_of_inside_addresses_are_refused(string host)
    {
        var failure = await Assert.ThrowsAsync<SourceException>(() => AddressGuard.Strict.ResolveAsync(host, TestContext.Current.CancellationToken));
        // Not every resolver knows "localhost." with its dot; what it does not know leads nowhere either.
        Assert.True(failure.Problem == SourceProblem.Refused || (host == "localhost." && failure.Problem == SourceProblem.Unreachable), failure.Message);
    }

    [Fact]
    public async Task A_host_that_the_operator_allows_is_reached_and_a_redirect_from_it_is_judged_again()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var served = Task.Run(async () =>
        {
            using var one = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
            var stream = one.GetStream();
            await stream.ReadAtLeastAsync(new byte[4096], 10, cancellationToken: TestContext.Current.CancellationToken);
            await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{port}/inside\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), TestContext.Current.CancellationToken);
        }, TestContext.Current.CancellationToken);
        using var client = new HttpClient(new AddressGuard(new HashSet<string> { "localhost" }).CreateHandler());
        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(new Uri($"http://localhost:{port}/"), TestContext.Current.CancellationToken));
        await served;
        Assert.IsType<SourceException>(failure.InnerException);
    }
}
