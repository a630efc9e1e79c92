using Capstan.Containers.Discovery;
using Capstan.Testing;

namespace Capstan.Containers.Tests;

public class DiscoveryTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", "", "")]
    [InlineData("", "/var/run/docker.sock /run/podman/podman.sock", "unix:///var/run/docker.sock unix:///run/podman/podman.sock")]
    [InlineData("", "/run/user/7/podman/podman.sock /home/me/.docker/run/docker.sock", "unix:///home/me/.docker/run/docker.sock unix:///run/user/7/podman/podman.sock")]
    [InlineData("tcp://builder:2375", "/var/run/docker.sock", "tcp://builder:2375/")]
    public void Sockets_are_tried_in_order_and_DOCKER_HOST_stands_alone(string host, string sockets, string expected)
    {
        var there = sockets.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var finder = new EngineFinder(name => name switch { "DOCKER_HOST" => host, "HOME" => "/home/me", "XDG_RUNTIME_DIR" => "/run/user/7", _ => null }, there.Contains, TimeProvider.System);
        Assert.Equal(expected, string.Join(' ', finder.Candidates()));
    }

    [Fact]
    public async Task A_running_engine_says_what_it_is()
    {
        var address = await OwnPodman.AddressAsync();
        var search = await new EngineFinder(name => name == "DOCKER_HOST" ? address.ToString() : null, File.Exists, TimeProvider.System).FindAsync("finder", Stop);
        using var engine = search.Engine;
        Assert.NotNull(engine);
        Assert.Equal(("podman", "linux", true, false), (engine.Info.Name, engine.Info.OperatingSystem, engine.Info.SharesKernel, engine.Info.Rootless));
        Assert.NotEqual(0, engine.Info.MemoryBytes);
        Assert.Equal("", search.Explanation);
    }

    [Fact]
    public async Task Where_nothing_answers_it_is_said_what_was_tried()
    {
        var finder = new EngineFinder(name => name == "DOCKER_HOST" ? "unix:///nowhere/docker.sock" : null, _ => true, TimeProvider.System);
        var search = await finder.FindAsync("finder", Stop);
        Assert.Null(search.Engine);
        Assert.Contains("unix:///nowhere/docker.sock", search.Explanation, StringComparison.Ordinal);

        var none = await new EngineFinder(_ => null, _ => false, TimeProvider.System).FindAsync("finder", Stop);
        Assert.Contains("neither DOCKER_HOST nor a socket", none.Explanation, StringComparison.Ordinal);
    }
}
