using Capstan.Delivery.Applications;
using Capstan.Delivery.Controllers;
using Capstan.Yaml;

namespace Capstan.Delivery.Tests.Engine;

/// <summary>Applications with several sources on a running engine.</summary>
public sealed class SeveralSourcesTests
{
    private const string Chart = "apiVersion: v2\nname: web\nversion: 1.0.0\n";
    private const string Template = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\ndata:\n  color: {{ .Values.color | quote }}\n  motd: {{ .Values.motd | quote }}\n";

    private static readonly DeliveryOptions Calm = new() { PollInterval = TimeSpan.FromMinutes(10) };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static string ConfigMap(string name, string value = "1") => $"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n  k: \"{value}\"\n";

    private static string Spec(string sources, string policy = """{"automated":{"prune":true,"selfHeal":true},"syncOptions":["CreateNamespace=true"]}""") =>
        $$"""{"sources":[{{sources}}],"destination":{"server":"https://kubernetes.default.svc","namespace":"shop"},"syncPolicy":{{policy}} }""";

    private static string Revisions(YamlMap? map) => string.Join(',', (map?["revisions"] as YamlList ?? YamlList.Empty).Select(r => r.AsString()));

    private static string Said(YamlMap status) => string.Join('\n', (status["conditions"] as YamlList ?? YamlList.Empty).OfType<YamlMap>().Select(c => $"{c["type"]?.AsString()}: {c["message"]?.AsString()}"));

    private static Task<YamlMap> SyncedAtAsync(Ground ground, params string[] commits) => ground.UntilAsync(s =>
        s.At("sync", "status")?.AsString() == "Synced" && Revisions(s["sync"] as YamlMap) == string.Join(',', commits) && s.At("operationState", "phase")?.AsString() == "Succeeded");

    private static async Task<(Ground Ground, GitFolder Values, string Code, string Config)> ChartWithValuesAsync()
    {
        var ground = await Ground.StartAsync(Calm);
        var values = await ground.AddRepositoryAsync("values");
        var code = await ground.Git.CommitAsync("Chart", ("charts/web/Chart.yaml", Chart), ("charts/web/values.yaml", "color: grey\nmotd: hello\n"), ("charts/web/templates/cm.yaml", Template));
        var config = await values.CommitAsync("Values", ("envs/prod.yaml", "color: blue\n"), ("envs/motd.txt", "good morning"), ("other/README.md", "x"));
        await ground.CreateApplicationOfAsync(Spec($$"""
            {"repoURL":"{{ground.Git.Url}}","targetRevision":"main","path":"charts/web","helm":{"valueFiles":["values.yaml","$config/envs/prod.yaml"],
              "fileParameters":[{"name":"motd","path":"$config/envs/motd.txt"}]} },
            {"repoURL":"{{values.Url}}","targetRevision":"main","ref":"config","name":"values"}
            """));
        await SyncedAtAsync(ground, code, config);
        return (ground, values, code, config);
    }

    [Fact]
    public async Task A_chart_takes_value_files_of_another_source_and_status_and_history_name_every_revision()
    {
        var (ground, values, code, config) = await ChartWithValuesAsync();
        await using var _ = ground;
        var made = (await ground.FindAsync("ConfigMap", "web"))!.Body;
        Assert.Equal(("blue", "good morning"), (made.At("data", "color")!.AsString(), made.At("data", "motd")!.AsString()));

        var second = await values.CommitAsync("Green", ("envs/prod.yaml", "color: green\n"));
        var status = await SyncedAtAsync(ground, code, second);
        Assert.Equal("green", (await ground.FindAsync("ConfigMap", "web"))!.Body.At("data", "color")!.AsString());
        Assert.Null(status.At("sync", "revision"));
        Assert.Equal(2, (status.At("sync", "comparedTo", "sources") as YamlList)!.Count);
        Assert.Equal(["Helm", ""], (status["sourceTypes"] as YamlList)!.Select(t => t.AsString()!));
        var history = (status["history"] as YamlList)!.OfType<YamlMap>().ToList();
        Assert.Equal([$"{code},{config}", $"{code},{second}"], history.Select(Revisions));
        Assert.All(history, h => Assert.Equal(2, (h["sources"] as YamlList)!.Count));
        Assert.Equal("Green", ground.Engine.Desk.History(Ground.Shop)[0].Subject);
    }

    [Fact]
    public async Task A_commit_renders_anew_only_when_it_changes_a_file_that_was_read_in_either_repository()
    {
        var (ground, values, code, _) = await ChartWithValuesAsync();
        await using var __ = ground;
        var rendered = ground.Engine.Renderings.Rendered;
        var second = await values.CommitAsync("Not read", ("other/README.md", "y"));
        await Ground.UntilAsync(() => Task.FromResult(Revisions(ground.Engine.Desk.Get(Ground.Shop)!.Status["sync"] as YamlMap) == $"{code},{second}" ? "" : null));
        Assert.Equal(rendered, ground.Engine.Renderings.Rendered);
        await SyncedAtAsync(ground, code, await values.CommitAsync("Read", ("envs/motd.txt", "good night")));
        Assert.Equal("good night", (await ground.FindAsync("ConfigMap", "web"))!.Body.At("data", "motd")!.AsString());
        Assert.Equal(rendered + 1, ground.Engine.Renderings.Rendered);
    }

    [Fact]
    public async Task Blame_finds_the_line_in_the_repository_that_lent_it()
    {
        var (ground, values, _, config) = await ChartWithValuesAsync();
        await using var __ = ground;
        var (revision, fields) = await ground.Engine.Desk.BlameAsync(Ground.Shop, "ConfigMap/web", ".data.color", Cancel);
        Assert.EndsWith(config, revision, StringComparison.Ordinal);
        var sources = Assert.Single(fields).Sources;
        Assert.Equal(("charts/web/templates/cm.yaml", ground.Git.Url), (sources[0].Source.File, sources[0].Repository));
        Assert.Equal(("envs/prod.yaml", 1, values.Url, config), (sources[1].Source.File, sources[1].Source.Line, sources[1].Repository, sources[1].Commit?.Id));
    }

    [Fact]
    public async Task A_rollback_is_one_commit_in_the_repository_that_moved()
    {
        var (ground, values, code, config) = await ChartWithValuesAsync();
        await using var _ = ground;
        await SyncedAtAsync(ground, code, await values.CommitAsync("Green", ("envs/prod.yaml", "color: green\n"), ("other/README.md", "z")));
        var outcome = await ground.Engine.Desk.RollbackAsync(Ground.Shop, null, "ann", dryRun: false, Cancel);
        Assert.Equal(($"{code},{config}", false), (outcome.To, outcome.Pinned));
        await SyncedAtAsync(ground, code, outcome.Commit!);
        Assert.Equal("blue", (await ground.FindAsync("ConfigMap", "web"))!.Body.At("data", "color")!.AsString());

        // What the Application does not read stays as it is.
        Assert.Equal("z", await GitFolder.RunAsync(values.Bare, "show", "main:other/README.md"));
    }

    [Fact]
    public async Task A_rollback_that_would_need_two_repositories_pins_every_source()
    {
        var (ground, values, code, config) = await ChartWithValuesAsync();
        await using var _ = ground;
        await ground.PatchPolicyAsync("""{"automated":{"enabled":false}}""");
        await ground.Git.CommitAsync("Chart", ("charts/web/values.yaml", "color: grey\nmotd: hi\n"));
        await values.CommitAsync("Green", ("envs/prod.yaml", "color: green\n"));
        await ground.PatchPolicyAsync("""{"automated":{"enabled":true,"prune":true,"selfHeal":true}}""");
        await ground.UntilAsync(s => s["history"] is YamlList { Count: 2 });
        var outcome = await ground.Engine.Desk.RollbackAsync(Ground.Shop, "0", "ann", dryRun: false, Cancel);
        Assert.True(outcome.Pinned);
        await ground.UntilAsync(s => Revisions(s["sync"] as YamlMap) == $"{code},{config}" && Said(s).Contains("PinnedWarning", StringComparison.Ordinal));
        Assert.Equal($"{code},{config}", (await ground.ApplicationAsync()).Annotation(Application.PinAnnotation));
    }

    [Fact]
    public async Task Of_one_object_in_two_sources_the_later_one_counts_and_a_warning_names_both_places()
    {
        await using var ground = await Ground.StartAsync(Calm);
        var other = await ground.AddRepositoryAsync("other");
        var first = await ground.Git.CommitAsync("One", ("deploy/a.yaml", ConfigMap("a", "one")), ("deploy/b.yaml", ConfigMap("b")));
        var second = await other.CommitAsync("Two", ("over/a.yaml", ConfigMap("a", "two")));
        await ground.CreateApplicationOfAsync(Spec($$"""
            {"repoURL":"{{ground.Git.Url}}","targetRevision":"main","path":"deploy"},{"repoURL":"{{other.Url}}","targetRevision":"main","path":"over"}
            """));
        var status = await SyncedAtAsync(ground, first, second);
        Assert.Equal("two", (await ground.FindAsync("ConfigMap", "a"))!.Body.At("data", "k")!.AsString());
        Assert.NotNull(await ground.FindAsync("ConfigMap", "b"));
        Assert.Contains($"RepeatedResourceWarning: ConfigMap/shop/a is in two sources, at deploy/a.yaml:1 of {ground.Git.Url} and over/a.yaml:1 of {other.Url}; the later source counts", Said(status), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_source_that_does_not_render_stops_all_of_them_and_prunes_nothing()
    {
        await using var ground = await Ground.StartAsync(Calm);
        var other = await ground.AddRepositoryAsync("other");
        var first = await ground.Git.CommitAsync("One", ("deploy/a.yaml", ConfigMap("a")));
        var second = await other.CommitAsync("Two", ("over/b.yaml", ConfigMap("b")));
        await ground.CreateApplicationOfAsync(Spec($$"""
            {"repoURL":"{{ground.Git.Url}}","targetRevision":"main","path":"deploy"},{"repoURL":"{{other.Url}}","targetRevision":"main","path":"over"}
            """));
        await SyncedAtAsync(ground, first, second);
        await other.CommitAsync("Break", ("over/b.yaml", "a: [1\n"));
        Assert.Contains("over/b.yaml:2", Said(await ground.UntilAsync(s => s.At("sync", "status")?.AsString() == "Unknown")), StringComparison.Ordinal);
        Assert.NotNull(await ground.FindAsync("ConfigMap", "b"));
    }

    [Fact]
    public async Task A_source_beside_the_platform_repository_makes_the_whole_application_an_ordinary_one()
    {
        await using var ground = await Ground.StartAsync();
        await ground.StopEngineAsync();
        ground.StartEngine(Calm with { PlatformRepositories = [ground.Git.Url] });
        var other = await ground.AddRepositoryAsync("other");
        await ground.Git.CommitAsync("Platform", ("deploy/p.yaml", "apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata:\n  name: mine\n  namespace: capstan\nspec: {}\n"));
        await other.CommitAsync("Other", ("over/a.yaml", ConfigMap("a")));
        await ground.CreateApplicationOfAsync(Spec($$"""
            {"repoURL":"{{ground.Git.Url}}","targetRevision":"main","path":"deploy"},{"repoURL":"{{other.Url}}","targetRevision":"main","path":"over"}
            """));
        Assert.Contains("ForbiddenResourceError", Said(await ground.UntilAsync(s => Said(s).Length > 0)), StringComparison.Ordinal);
        Assert.Null(await ground.FindAsync("AppProject", "mine", "capstan", "argoproj.io"));
    }

    [Fact]
    public async Task A_sync_to_revisions_takes_one_for_each_source()
    {
        var (ground, values, code, config) = await ChartWithValuesAsync();
        await using var _ = ground;
        await ground.PatchPolicyAsync("""{"automated":{"enabled":false}}""");
        var second = await values.CommitAsync("Green", ("envs/prod.yaml", "color: green\n"));
        await ground.UntilAsync(s => Revisions(s["sync"] as YamlMap) == $"{code},{second}");
        await ground.Engine.Desk.SyncAsync(Ground.Shop, "ann", $",{second}", null, Cancel);
        await ground.UntilAsync(s => Revisions(s.At("operationState", "syncResult") as YamlMap) == $"{code},{second}" && s.At("operationState", "phase")?.AsString() == "Succeeded");
        await ground.Engine.Desk.SyncAsync(Ground.Shop, "ann", config, null, Cancel);
        var refused = await ground.UntilAsync(s => s.At("operationState", "phase")?.AsString() == "Error");
        Assert.Contains("2 sources; name one for each", refused.At("operationState", "message")!.AsString(), StringComparison.Ordinal);
    }
}
