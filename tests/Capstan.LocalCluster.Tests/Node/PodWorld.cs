using System.Net;
using Capstan.Containers;
using Capstan.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Capstan.LocalCluster.Tests.Node;

/// <summary>A cluster whose pods are containers of a Podman of the tests' own, and the real kubectl.</summary>
public sealed class PodWorld : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("capstan-pods-").FullName;
    private LocalClusterServer? _server;

    /// <summary>Whether pods may own the machine. Kubernetes' own suite asks for that.</summary>
    private static bool AllowPrivileged => Environment.GetEnvironmentVariable("CAPSTAN_TEST_CONFORMANCE") == "full";

    public string DataFolder => Path.Combine(_folder, "data");

    private static int worlds;
    private readonly ServiceRange _range = ServiceRange.Ten((byte)(100 + (((Environment.ProcessId * 5) + Interlocked.Increment(ref worlds)) % 150)));

    public string ApiAddress => _range.Api.ToString();

    public ContainerEngine Engine { get; private set; } = null!;

    public LocalClusterServer Server => _server!;

    /// <summary>Why there is none; empty when there is one.</summary>
    public string Missing { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        // A skip in a fixture would be a failure, so each test asks.
        if (!Kubectl.Programs().Any()) Missing = "no kubectl: run eng/judges/fetch.sh";
        else if (Environment.UserName != "root" || !File.Exists("/usr/bin/podman") || BusyboxImage.Program is null) Missing = "podman and busybox-static are not installed, or this is not root";
        else await StartAsync(AllowPrivileged);
    }

    public async Task StartAsync(bool allowPrivileged = false)
    {
        var address = await OwnPodman.AddressAsync();
        Engine = await ContainerEngine.ConnectAsync(address, $"pods-{Path.GetFileName(_folder)}", TimeProvider.System, CancellationToken.None);
        _server = await LocalClusterServer.StartAsync(new LocalClusterOptions
        {
            DataFolder = DataFolder,
            Listen = new IPEndPoint(IPAddress.Loopback, 0),
            Services = _range,
            Containers = new ContainerNodeOptions { Engine = Engine, AllowPrivilegedPods = allowPrivileged, Ingress = new IPEndPoint(IPAddress.Loopback, 0) },
        }, TimeProvider.System, NullLoggerFactory.Instance, CancellationToken.None);
    }

    public async Task StopAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        Engine?.Dispose();
        _server = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
            await Engine.Containers.ReapAsync(null, _ => false, CancellationToken.None);
            Engine.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Runs kubectl, which must succeed.</summary>
    public async Task<string> KubectlAsync(string input, params string[] arguments)
    {
        var (code, output, error) = await RunAsync(input, arguments);
        Assert.True(code == 0, $"kubectl {string.Join(' ', arguments)}: {code}: {error}{output}");
        return output;
    }

    public Task<(int Code, string Output, string Error)> RunAsync(string input, params string[] arguments)
    {
        Assert.SkipWhen(Missing.Length > 0, Missing);
        return Kubectl.RunAsync(Kubectl.Programs().First(), Server.KubeconfigPath, input, arguments);
    }

    /// <summary>Asks kubectl again and again until the answer is as wanted.</summary>
    public async Task<string> UntilAsync(Func<string, bool> wanted, params string[] arguments)
    {
        Assert.SkipWhen(Missing.Length > 0, Missing);
        var deadline = DateTime.UtcNow.AddSeconds(90);
        while (true)
        {
            var (_, output, error) = await RunAsync("", arguments);
            if (wanted(output)) return output;
            Assert.True(DateTime.UtcNow < deadline, $"kubectl {string.Join(' ', arguments)} still says: {output}{error}\n{await DescribeAsync()}");
            await Task.Delay(200, TestContext.Current.CancellationToken);
        }
    }

    private async Task<string> DescribeAsync() => (await RunAsync("", "get", "pods,events", "-A")).Output;
}
