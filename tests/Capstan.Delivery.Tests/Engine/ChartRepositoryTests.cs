using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Capstan.Delivery.Applications;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Sources.Ssrf;
using Capstan.Testing;
using Capstan.Yaml;

namespace Capstan.Delivery.Tests.Engine;

public sealed class ChartRepositoryTests : IDisposable
{
    private readonly StaticServer _server = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _server.Dispose();

    [Fact]
    public async Task A_chart_of_a_registered_repository_is_synced_at_the_highest_version_of_its_range_and_asks_for_its_password()
    {
        await using var ground = await Ground.StartAsync();
        _server.Required = "Basic " + Convert.ToBase64String("me:hunter22"u8.ToArray());
        Publish("1.0.0", "1.2.0", "2.0.0");
        await CreateAsync(ground, "1.x");
        var refused = await ground.UntilAsync(s => s["conditions"]?.ToString().Contains("private network", StringComparison.Ordinal) == true);
        Assert.Equal("Unknown", refused.At("sync", "status")!.AsString());

        await ground.Client.CreateAsync(RepositorySecret(ground), cancellation: Cancel);
        var status = await ground.SyncedAsync("1.2.0");
        Assert.Equal("Helm", status["sourceType"]!.AsString());
        Assert.Equal("1.2.0", (await ground.FindAsync("ConfigMap", ground.Key().Name))!.Body.At("data", "version")!.AsString());
    }

    [Fact]
    public async Task What_a_chart_in_Git_needs_is_fetched()
    {
        await using var ground = await Ground.StartAsync(new Delivery.Controllers.DeliveryOptions { PollInterval = TimeSpan.FromSeconds(5), RegisteredRepositories = [_server.Url] });
        Publish("1.0.0");
        var commit = await ground.Git.CommitAsync("Begin", ("deploy/Chart.yaml", $"apiVersion: v2\nname: app\nversion: 0.1.0\ndependencies:\n- name: leaf\n  version: '*'\n  repository: {_server.Url}\n"));
        await ground.CreateApplicationAsync(kind: """ "helm":{} """);
        await ground.SyncedAsync(commit);
        Assert.NotNull(await ground.FindAsync("ConfigMap", ground.Key().Name));
    }

    [Fact]
    public async Task Credentials_go_to_the_hosts_that_an_index_names_only_where_the_Application_says_so()
    {
        using var elsewhere = new StaticServer();
        await using var ground = await Ground.StartAsync(guard: new AddressGuard(new HashSet<string> { "127.0.0.1" }));
        elsewhere.Required = _server.Required = "Basic " + Convert.ToBase64String("me:hunter22"u8.ToArray());
        Publish(elsewhere, "1.0.0");
        _server.Put("index.yaml", $"entries:\n  leaf:\n  - {{version: 1.0.0, urls: ['{elsewhere.Url}/leaf-1.0.0.tgz']}}\n");
        await ground.Client.CreateAsync(RepositorySecret(ground), cancellation: Cancel);
        await CreateAsync(ground, "1.x");
        await ground.UntilAsync(s => s["conditions"]?.ToString().Contains("401", StringComparison.Ordinal) == true);
        Assert.All(elsewhere.Asked, static asked => Assert.Null(asked.Authorization));

        var resource = await ground.Client.ResolveAsync(Application.Kind, Cancel);
        await ground.Client.PatchAsync(
            resource, ground.Control, ground.Key().Name, PatchKind.Merge, YamlText.ReadOne("{spec: {source: {helm: {passCredentials: true}}}}"), cancellation: Cancel);
        await ground.SyncedAsync("1.0.0");
        Assert.Contains(elsewhere.Asked, asked => asked.Authorization == elsewhere.Required);
    }

    private KubernetesObject RepositorySecret(Ground ground) => Make.Object($$$"""
        {"apiVersion":"v1","kind":"Secret","metadata":{"name":"charts","namespace":"{{{ground.Control}}}","labels":{"argocd.argoproj.io/secret-type":"repository"}},
         "data":{"type":"{{{Base64("helm")}}}","url":"{{{Base64(_server.Url)}}}","username":"{{{Base64("me")}}}","password":"{{{Base64("hunter22")}}}"} }
        """);

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private async Task CreateAsync(Ground ground, string version) => await ground.Client.CreateAsync(Make.Object(Make.ApplicationJson(
        $$$"""
        {"source":{"repoURL":"{{{_server.Url}}}","chart":"leaf","targetRevision":"{{{version}}}"},"destination":{"server":"https://kubernetes.default.svc","namespace":"{{{ground.Space}}}"},
         "syncPolicy":{"automated":{},"syncOptions":["CreateNamespace=true"]}}
        """,
        ground.Key().Name, space: ground.Control)), cancellation: Cancel);

    private void Publish(params string[] versions) => Publish(_server, versions);

    internal static void Publish(StaticServer server, params string[] versions)
    {
        foreach (var version in versions)
        {
            server.Files[$"leaf-{version}.tgz"] = Archive(
                ("leaf/Chart.yaml", $"apiVersion: v2\nname: leaf\nversion: {version}\n"),
                ("leaf/templates/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '{{ .Release.Name }}'}\ndata: {version: '{{ .Chart.Version }}'}\n"));
        }

        server.Put("index.yaml", $"entries:\n  leaf:\n{string.Concat(versions.Select(v => $"  - {{version: {v}, urls: [leaf-{v}.tgz]}}\n"))}");
    }

    private static byte[] Archive(params (string Name, string Text)[] files)
    {
        using var output = new MemoryStream();
        using (var zipped = new GZipStream(output, CompressionLevel.Fastest, leaveOpen: true))
        using (var tar = new TarWriter(zipped))
        {
            foreach (var (name, text) in files)
            {
                tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) });
            }
        }

        return output.ToArray();
    }
}
