using System.Text;
using Capstan.Delivery.Controllers;
using Capstan.Testing;

namespace Capstan.Delivery.Tests.Engine;

/// <summary>Applications with charts that the real helm pushed to Debian's registry.</summary>
public sealed class RegistryChartTests : IAsyncLifetime
{
    private readonly HelmProgram _helm = HelmProgram.Find();
    private DebianRegistry? _registry;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Host => _registry!.Address.Authority;

    public async ValueTask InitializeAsync() => _registry = await DebianRegistry.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_registry is not null)
        {
            await _registry.DisposeAsync();
        }

        _helm.Dispose();
    }

    [Fact]
    public async Task A_chart_of_a_registry_is_synced_at_the_highest_version_of_its_range_follows_a_new_one_and_needs_a_secret_for_a_private_address()
    {
        await using var ground = await Ground.StartAsync();
        await PushAsync("1.0.0", "1.2.0", "2.0.0");
        await CreateAsync(ground, $"{Host}/charts", "1.x");
        await ground.UntilAsync(s => s["conditions"]?.ToString().Contains("private network", StringComparison.Ordinal) == true);
        await ground.Client.CreateAsync(Make.Object($$$"""
            {"apiVersion":"v1","kind":"Secret","metadata":{"name":"charts","namespace":"{{{ground.Control}}}","labels":{"argocd.argoproj.io/secret-type":"repository"}},
             "data":{"type":"{{{Base64("helm")}}}","url":"{{{Base64($"{Host}/charts")}}}","enableOCI":"{{{Base64("true")}}}"} }
            """), cancellation: Cancel);
        var status = await ground.SyncedAsync("1.2.0");
        Assert.Equal("Helm", status["sourceType"]!.AsString());
        Assert.Equal("1.2.0", (await ground.FindAsync("ConfigMap", ground.Key().Name))!.Body.At("data", "version")!.AsString());
        await PushAsync("1.3.0");
        await ground.SyncedAsync("1.3.0");
    }

    [Fact]
    public async Task A_chart_in_Git_gets_what_it_needs_from_a_registry_and_goes_on_when_the_registry_is_gone()
    {
        await using var ground = await Ground.StartAsync(new DeliveryOptions { PollInterval = TimeSpan.FromSeconds(5), RegisteredRepositories = [$"oci://{Host}/charts"] });
        await PushAsync("1.0.0");
        var charts = $"oci://{Host}/charts";
        string Chart(string version) => $"apiVersion: v2\nname: app\nversion: {version}\ndependencies:\n- name: leaf\n  version: '*'\n  repository: {charts}\n";
        await ground.CreateApplicationAsync(kind: """ "helm":{} """);
        await ground.SyncedAsync(await ground.Git.CommitAsync("Begin", ("deploy/Chart.yaml", Chart("0.1.0"))));
        Assert.NotNull(await ground.FindAsync("ConfigMap", ground.Key().Name));
        await _registry!.DisposeAsync();
        _registry = null;
        await ground.SyncedAsync(await ground.Git.CommitAsync("Go on", ("deploy/Chart.yaml", Chart("0.2.0")), ("deploy/templates/b.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: more}\n")));
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static async Task CreateAsync(Ground ground, string repository, string version) => await ground.Client.CreateAsync(Make.Object(Make.ApplicationJson(
        $$$"""
        {"source":{"repoURL":"{{{repository}}}","chart":"leaf","targetRevision":"{{{version}}}"},"destination":{"server":"https://kubernetes.default.svc","namespace":"{{{ground.Space}}}"},
         "syncPolicy":{"automated":{},"syncOptions":["CreateNamespace=true"]}}
        """,
        ground.Key().Name, space: ground.Control)), cancellation: Cancel);

    private async Task PushAsync(params string[] versions)
    {
        foreach (var version in versions)
        {
            _helm.Write("leaf/Chart.yaml", $"apiVersion: v2\nname: leaf\nversion: {version}\n");
            _helm.Write("leaf/templates/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '{{ .Release.Name }}'}\ndata: {version: '{{ .Chart.Version }}'}\n");
            await _helm.RunAsync("package", "leaf");
            await _helm.RunAsync("push", $"leaf-{version}.tgz", $"oci://{Host}/charts", "--plain-http");
        }
    }
}
