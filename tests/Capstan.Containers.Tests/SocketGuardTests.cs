using Capstan.Containers.Containers;
using Capstan.Testing;

namespace Capstan.Containers.Tests;

public sealed class SocketGuardTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("capstan-guard-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("engine.sock")]
    [InlineData("")]
    [InlineData("deep/../engine.sock")]
    [InlineData("link-to-socket")]
    [InlineData("link-to-folder")]
    [InlineData("link-to-folder/engine.sock")]
    [InlineData("link-to-link")]
    public void No_way_to_the_engines_socket_is_mounted(string way)
    {
        Assert.Contains("socket", Guard().Problem(Path.Combine(_folder, way)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/run")]
    [InlineData("/var/run/docker.sock")]
    [InlineData("/run/podman")]
    public void Nor_that_of_an_engine_that_is_not_in_use(string source) => Assert.NotNull(Guard().Problem(source));

    [Theory]
    [InlineData("data")]
    [InlineData("engine.sock.d")]
    public void What_lies_beside_it_may_be(string way) => Assert.Null(Guard().Problem(Path.Combine(_folder, way)));

    [Fact]
    public async Task A_container_with_the_socket_is_refused_before_the_engine_is_asked()
    {
        using var engine = await OwnPodman.EngineAsync("guard");
        var spec = ContainerLifeTests.Shell("guard-1", "true") with { Mounts = [new ContainerMount.Folder(Path.GetDirectoryName(engine.Info.SocketPath)!, "/engine")] };
        var refused = await Assert.ThrowsAsync<ContainerEngineException>(() => engine.Containers.CreateAsync(spec, TestContext.Current.CancellationToken));
        Assert.Equal(EngineProblem.Refused, refused.Problem);
        Assert.Contains("owns the machine", refused.Message, StringComparison.Ordinal);
    }

    private SocketGuard Guard()
    {
        var socket = Path.Combine(_folder, "engine.sock");
        File.WriteAllText(socket, "");
        Directory.CreateDirectory(Path.Combine(_folder, "deep"));
        Directory.CreateDirectory(Path.Combine(_folder, "data"));
        File.CreateSymbolicLink(Path.Combine(_folder, "link-to-socket"), socket);
        File.CreateSymbolicLink(Path.Combine(_folder, "link-to-folder"), ".");
        File.CreateSymbolicLink(Path.Combine(_folder, "link-to-link"), "link-to-socket");
        return new SocketGuard(socket);
    }
}
