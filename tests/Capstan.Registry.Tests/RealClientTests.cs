using System.Diagnostics;
using Capstan.Testing;

namespace Capstan.Registry.Tests;

/// <summary>The clients that people use, as they come from Debian, and helm.</summary>
public sealed class RealClientTests : IAsyncLifetime
{
    private readonly string _work = Directory.CreateTempSubdirectory("capstan-clients-").FullName;
    private RegistryFixture _registry = null!;

    private string[] Store => ["--storage-driver", "vfs", "--root", Path.Combine(_work, "store"), "--runroot", Path.Combine(_work, "run")];

    private string Credentials => "admin:" + _registry.Token;

    public async ValueTask InitializeAsync() => _registry = await RegistryFixture.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _registry.DisposeAsync();
        await RunAsync("chmod", "-R", "u+rwX", _work);
        Directory.Delete(_work, recursive: true);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Skopeo_copies_in_both_formats_lists_inspects_and_deletes(bool anonymous)
    {
        Require("skopeo");
        await using var registry = await RegistryFixture.StartAsync(anonymous: anonymous);
        var source = await LayoutAsync();
        string[] to = ["--dest-tls-verify=false", "--dest-creds", "admin:" + registry.Token];
        foreach (var format in new[] { "oci", "v2s2" })
        {
            await RunAsync("skopeo", ["copy", .. to, "--format", format, "oci:" + source + ":v1", $"docker://{registry.Host}/team/{format}:v1"]);
            await RunAsync("skopeo", "copy", "--src-tls-verify=false", "--src-creds", "admin:" + registry.Token, $"docker://{registry.Host}/team/{format}:v1", $"oci:{_work}/back-{format}:v1");
        }

        string[] read = anonymous ? ["--tls-verify=false", "--no-creds"] : ["--tls-verify=false", "--creds", "admin:" + registry.Token];
        Assert.Contains("\"v1\"", await RunAsync("skopeo", ["list-tags", .. read, $"docker://{registry.Host}/team/oci"]), StringComparison.Ordinal);
        Assert.Contains("\"Architecture\": \"amd64\"", await RunAsync("skopeo", ["inspect", .. read, $"docker://{registry.Host}/team/v2s2:v1"]), StringComparison.Ordinal);
        await RunAsync("skopeo", "delete", "--tls-verify=false", "--creds", "admin:" + registry.Token, $"docker://{registry.Host}/team/oci:v1");
        Assert.Contains("manifest unknown", (await TryAsync("skopeo", ["inspect", .. read, $"docker://{registry.Host}/team/oci:v1"])).Errors.Replace("has no manifest", "manifest unknown", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Buildah_pushes_what_it_builds_and_podman_pulls_it()
    {
        Require("buildah");
        Require("podman");
        var context = Directory.CreateDirectory(Path.Combine(_work, "context")).FullName;
        await File.WriteAllTextAsync(Path.Combine(context, "Dockerfile"), "FROM scratch\nCOPY hello.txt /hello.txt\nLABEL a=b\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(context, "hello.txt"), "hello\n", TestContext.Current.CancellationToken);
        await RunAsync("buildah", [.. Store, "bud", "--isolation", "chroot", "-t", "localhost/hello", context]);
        await RunAsync("buildah", [.. Store, "push", "--tls-verify=false", "--creds", Credentials, "localhost/hello", $"docker://{_registry.Host}/hello:v1"]);
        await RunAsync("podman", [.. Store, "pull", "-q", "--tls-verify=false", "--creds", Credentials, $"{_registry.Host}/hello:v1"]);
        Assert.Contains("\"a\": \"b\"", await RunAsync("podman", [.. Store, "image", "inspect", $"{_registry.Host}/hello:v1"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Helm_pushes_a_chart_and_pulls_the_same_bytes()
    {
        var helm = Path.Combine(Environment.GetEnvironmentVariable("CAPSTAN_JUDGES") ?? "", "helm");
        Assert.SkipUnless(File.Exists(helm), "helm is not here; eng/judges/fetch.sh fetches it");
        await RunAsync(helm, "create", Path.Combine(_work, "shop"));
        await RunAsync(helm, "package", Path.Combine(_work, "shop"), "-d", _work);
        await RunAsync(helm, "registry", "login", _registry.Host, "-u", "admin", "-p", _registry.Token, "--plain-http");
        await RunAsync(helm, "push", Path.Combine(_work, "shop-0.1.0.tgz"), $"oci://{_registry.Host}/charts", "--plain-http");
        await RunAsync(helm, "pull", $"oci://{_registry.Host}/charts/shop", "--version", "0.1.0", "--plain-http", "-d", Directory.CreateDirectory(Path.Combine(_work, "pulled")).FullName);
        Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(_work, "shop-0.1.0.tgz"), TestContext.Current.CancellationToken), await File.ReadAllBytesAsync(Path.Combine(_work, "pulled", "shop-0.1.0.tgz"), TestContext.Current.CancellationToken));
        Assert.Equal(0, (await TryAsync(helm, "template", "x", $"oci://{_registry.Host}/charts/shop", "--plain-http")).ExitCode);
    }

    // An image in a folder, made by hand: what skopeo pushes.
    private async Task<string> LayoutAsync()
    {
        var layout = Path.Combine(_work, "layout");
        Directory.CreateDirectory(Path.Combine(layout, "blobs", "sha256"));
        await RunAsync("tar", "-C", "/etc", "-cf", Path.Combine(_work, "layer.tar"), "hostname");
        var layer = await File.ReadAllBytesAsync(Path.Combine(_work, "layer.tar"));
        var config = System.Text.Encoding.UTF8.GetBytes($$"""{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":["{{RegistryWire.DigestOf(layer)}}"] },"config":{} }""");
        var manifest = System.Text.Encoding.UTF8.GetBytes($$"""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{{RegistryWire.Descriptor("application/vnd.oci.image.config.v1+json", config)}},"layers":[{{RegistryWire.Descriptor("application/vnd.oci.image.layer.v1.tar", layer)}}]}""");
        foreach (var blob in new[] { layer, config, manifest }) await File.WriteAllBytesAsync(Path.Combine(layout, "blobs", "sha256", RegistryWire.DigestOf(blob)[7..]), blob);
        await File.WriteAllTextAsync(Path.Combine(layout, "oci-layout"), """{"imageLayoutVersion":"1.0.0"}""");
        await File.WriteAllTextAsync(Path.Combine(layout, "index.json"), $$"""{"schemaVersion":2,"manifests":[{{RegistryWire.Descriptor("application/vnd.oci.image.manifest.v1+json", manifest)[..^1]}} ,"annotations":{"org.opencontainers.image.ref.name":"v1"} }]}""");
        return layout;
    }

    private static void Require(string program) => Assert.SkipUnless(File.Exists("/usr/bin/" + program), $"{program} is not installed (apt-get install {program})");

    private async Task<string> RunAsync(string program, params string[] arguments)
    {
        var (code, output, errors) = await TryAsync(program, arguments);
        Assert.True(code == 0, $"{program} {string.Join(' ', arguments)} ended with {code}: {errors}");
        return output;
    }

    private async Task<(int ExitCode, string Output, string Errors)> TryAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _work };
        foreach (var name in new[] { "HOME", "HELM_CONFIG_HOME", "HELM_CACHE_HOME", "HELM_DATA_HOME", "XDG_RUNTIME_DIR", "TMPDIR" }) start.Environment[name] = _work;
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, await output, await errors);
    }
}
