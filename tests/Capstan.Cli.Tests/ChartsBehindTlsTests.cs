using Capstan.Testing;

namespace Capstan.Cli.Tests;

/// <summary><c>--ca-file</c>, <c>--cert-file</c> and <c>--key-file</c> of <c>render</c>, beside the real helm.</summary>
public sealed class ChartsBehindTlsTests : IDisposable
{
    private readonly HelmProgram _helm = HelmProgram.Find();

    public void Dispose() => _helm.Dispose();

    [Fact]
    public async Task Repositories_and_registries_that_ask_for_a_certificate_are_shown_it()
    {
        await using var registry = await DebianRegistry.StartAsync();
        _helm.Write("leaf/Chart.yaml", "apiVersion: v2\nname: leaf\nversion: 1.0.0\n");
        _helm.Write("leaf/templates/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n");
        await _helm.RunAsync("package", "leaf", "-d", "charts");
        await _helm.RunAsync("push", "charts/leaf-1.0.0.tgz", $"oci://{registry.Address.Authority}/charts", "--plain-http");
        await using var front = await TlsFront.StartAsync(_helm.Folder, At("charts"), registry.Address);
        await _helm.RunAsync("repo", "index", "charts", "--url", $"https://{front.Host}/charts");
        string[][] charts = [["leaf", "--repo", $"https://{front.Host}/charts"], [$"oci://{front.Host}/charts/leaf", "--version", "1.0.0"]];
        string[] known = ["--ca-file", At("ca.pem"), "--cert-file", At("client.pem"), "--key-file", At("client.key")];
        foreach (var chart in charts)
        {
            var expected = await _helm.RunAsync(["template", "r", .. chart, .. known]);
            var (code, output, error) = await RenderAsync([.. chart, .. known]);
            Assert.True(code == 0, error);
            Assert.Equal(expected[expected.IndexOf("---", StringComparison.Ordinal)..], output);

            // Without the certificate, without the authority, with another authority, each alone.
            foreach (var less in (string[][])[[.. known[..2]], [.. known[2..]], ["--ca-file", At("other.pem"), .. known[2..]], []])
            {
                Assert.NotEqual(0, (await _helm.TryAsync(["template", "r", .. chart, .. less])).Code);
                Assert.Equal((1, ""), await RenderAsync([.. chart, .. less]) is var (refused, nothing, _) ? (refused, nothing) : default);
            }
        }
    }

    [Theory]
    [InlineData("--ca-file", "none.pem")]
    [InlineData("--ca-file", "junk.pem")]
    [InlineData("--cert-file", "none.pem", "--key-file", "junk.pem")]
    public async Task Files_that_are_no_certificates_are_refused_in_Helms_words(params string[] flags)
    {
        _helm.Write("junk.pem", "junk");
        var arguments = flags.Select(f => f.EndsWith(".pem", StringComparison.Ordinal) ? At(f) : f).ToArray();
        foreach (var chart in (string[][])[["leaf", "--repo", "https://127.0.0.1:9"], ["oci://127.0.0.1:9/charts/leaf", "--version", "1.0.0"]])
        {
            var expected = await _helm.TryAsync(["template", "r", .. chart, .. arguments]);
            Assert.Equal((1, "", expected.Error), await RenderAsync([.. chart, .. arguments]));
        }
    }

    private string At(string file) => Path.Combine(_helm.Folder, file);

    private async Task<(int Code, string Output, string Error)> RenderAsync(string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await CommandLine.RunAsync(["render", "r", .. arguments], Contexts.Of(output, error, At("mine")), TestContext.Current.CancellationToken);
        return (code, output.ToString(), error.ToString());
    }
}
