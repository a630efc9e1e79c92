using Capstan.Testing;

namespace Capstan.Cli.Tests;

/// <summary><c>render</c> of charts that the real helm pushed, to Capstan's registry and to Debian's.</summary>
public sealed class ChartsOfRegistriesTests : IDisposable
{
    private readonly HelmProgram _helm = HelmProgram.Find();

    public void Dispose() => _helm.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Charts_that_helm_pushed_render_to_what_helm_renders(bool own)
    {
        await using var ours = own ? await RegistryFixture.StartAsync() : null;
        await using var debians = own ? null : await DebianRegistry.StartAsync();
        var host = ours?.Host ?? debians!.Address.Authority;
        if (ours is not null) await _helm.RunAsync("registry", "login", host, "--plain-http", "--username", "admin", "--password", ours.Token);
        foreach (var version in (string[])["1.0.0", "1.2.0", "2.0.0-rc.1", "1.1.0+build.7"]) await PushAsync(host, "leaf", version);
        string[] credentials = ours is null ? [] : ["--username", "admin", "--password", ours.Token];

        var chart = $"oci://{host}/charts/leaf";
        await SameAsync([chart, .. credentials]);
        await SameAsync([chart, "--version", "~1.0", .. credentials]);
        await SameAsync([chart, "--version", "1.1.0+build.7", .. credentials]);
        await SameAsync([chart + ":1.0.0", .. credentials]);
        await SameAsync([chart, "--version", ">1.2-0", "--set", "colour=green", .. credentials]);

        // What it needs comes from a registry too.
        _helm.Write("app/Chart.yaml", $"apiVersion: v2\nname: app\nversion: 0.1.0\ndependencies:\n- name: leaf\n  version: '>=1.0.0 <1.2.0'\n  repository: oci://{host}/charts\n");
        await SameAsync([Path.Combine(_helm.Folder, "app"), "--dependency-update", "--registry-config", Path.Combine(_helm.Folder, ".home/HELM_CONFIG_HOME/registry/config.json")]);

        foreach (var (reference, version) in new[] { (chart, ">7"), (chart + ":1.0.0", "1.2.0") })
        {
            var expected = await _helm.TryAsync(["template", "r", reference, "--version", version, "--plain-http", .. credentials]);
            var (code, _, error) = await RenderAsync([reference, "--version", version, .. credentials]);
            Assert.Equal((1, expected.Error.Split('\n')[0]), (code, error.Split('\n')[0]));
        }

        var missing = await RenderAsync([$"oci://{host}/charts/nothing", "--version", "1.0.0", .. credentials]);
        Assert.Equal(1, missing.Code);
        Assert.Contains("404", missing.Error, StringComparison.Ordinal);
        if (ours is not null) Assert.Contains("credential", (await RenderAsync([chart])).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_verify_only_charts_with_a_good_provenance_are_rendered()
    {
        await using var registry = await DebianRegistry.StartAsync();
        var (signer, other) = (SigningKeys.Make("Signer <s@example.com>"), SigningKeys.Make("Other <o@example.com>"));
        foreach (var (file, keys) in new[] { ("sec.gpg", signer.Secret), ("pub.gpg", signer.Public), ("other.gpg", other.Public) }) File.WriteAllBytes(Path.Combine(_helm.Folder, file), keys);
        var host = registry.Address.Authority;
        await PushAsync(host, "open", "1.0.0");
        await PushAsync(host, "leaf", "1.0.0", "--sign", "--key", "Signer", "--keyring", "sec.gpg");
        string At(string file) => Path.Combine(_helm.Folder, file);
        await SameAsync([$"oci://{host}/charts/leaf", "--verify", "--keyring", At("pub.gpg")]);
        await SameAsync([At("leaf-1.0.0.tgz"), "--verify", "--keyring", At("pub.gpg")]);
        foreach (var (chart, keys) in new[] { ($"oci://{host}/charts/leaf", "other.gpg"), (At("leaf-1.0.0.tgz"), "other.gpg"), (At("leaf-1.0.0.tgz"), "none.gpg"), (At("open-1.0.0.tgz"), "pub.gpg"), (At("leaf"), "pub.gpg") })
        {
            var expected = await _helm.TryAsync(["template", "r", chart, "--verify", "--keyring", At(keys), "--plain-http"]);
            var (code, output, error) = await RenderAsync([chart, "--verify", "--keyring", At(keys)]);
            Assert.Equal((1, "", expected.Error[expected.Error.IndexOf("Error:", StringComparison.Ordinal)..]), (code, output, error));
        }

        Assert.Contains("provenance", (await RenderAsync([$"oci://{host}/charts/open", "--verify", "--keyring", At("pub.gpg")])).Error, StringComparison.Ordinal);
    }

    private async Task PushAsync(string host, string name, string version, params string[] sign)
    {
        _helm.Write($"{name}/Chart.yaml", $"apiVersion: v2\nname: {name}\nversion: {version}\n");
        _helm.Write($"{name}/templates/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {version: '{{ .Chart.Version }}', colour: '{{ .Values.colour }}'}\n");
        await _helm.RunAsync(["package", name, .. sign]);
        await _helm.RunAsync("push", $"{name}-{version}.tgz", $"oci://{host}/charts", "--plain-http");
    }

    private async Task SameAsync(string[] arguments)
    {
        // Helm writes charts/ beside the chart; Capstan never writes into a chart.
        var (code, output, error) = await RenderAsync(arguments);
        Assert.True(code == 0, error);
        Assert.False(Directory.Exists(Path.Combine(_helm.Folder, "app", "charts")));
        var expected = await _helm.RunAsync(["template", "r", .. arguments, "--plain-http"]);
        // Helm tells on stdout what it fetches; there Capstan prints manifests alone.
        Assert.Equal(expected[expected.IndexOf("---", StringComparison.Ordinal)..], output);
    }

    private async Task<(int Code, string Output, string Error)> RenderAsync(string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await CommandLine.RunAsync(["render", "r", .. arguments], Contexts.Of(output, error, Path.Combine(_helm.Folder, "mine")), TestContext.Current.CancellationToken);
        return (code, output.ToString(), error.ToString());
    }
}
