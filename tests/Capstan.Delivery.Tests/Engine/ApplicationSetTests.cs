using Capstan.Delivery.Applications;
using Capstan.Delivery.Controllers;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Tests.Engine;

public sealed class ApplicationSetTests
{
    private const string Automated = "syncPolicy: {automated: {prune: true}, syncOptions: [CreateNamespace=true]}";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static string ConfigMap(string name, string value = "1") => $"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\ndata: {{k: \"{value}\"}}\n";

    private static async Task CreateAsync(Ground ground, string spec, string metadata = "")
    {
        var body = (YamlMap)YamlText.ReadOne($"apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: fleet, namespace: {ground.Control}{metadata}}}\nspec:\n  {spec.ReplaceLineEndings("\n").Replace("\n", "\n  ", StringComparison.Ordinal)}\n");
        await ground.Client.CreateAsync(new KubernetesObject(body), cancellation: Cancel);
    }

    private static string Folders(Ground ground, string policy = Automated, string more = "") => $$$"""
        goTemplate: true
        goTemplateOptions: ["missingkey=error"]
        generators:
        - git: {repoURL: '{{{ground.Git.Url}}}', revision: main, directories: [{path: 'apps/*'}]}
        template:
          metadata: {name: '{{.path.basename}}', labels: {env: '{{.path.basename}}'}}
          spec:
            project: default
            source: {repoURL: '{{{ground.Git.Url}}}', targetRevision: main, path: '{{.path.path}}'}
            destination: {server: https://kubernetes.default.svc, namespace: '{{{ground.Space}}}'}
            {{{policy}}}
        {{{more}}}
        """;

    private static async Task<YamlMap> SetAsync(Ground ground, Func<YamlMap, bool> met, Func<KubernetesObject, bool>? whole = null)
    {
        var status = YamlMap.Empty;
        return await Ground.UntilAsync(
            async () => await ground.FindAsync("ApplicationSet", "fleet", ground.Control, "argoproj.io") is { } set && met(status = set.Status) && whole?.Invoke(set) != false ? status : null,
            () => JsonText.Write(status, indented: true));
    }

    private static YamlMap Condition(YamlMap status, string type) => (status["conditions"] as YamlList ?? YamlList.Empty).OfType<YamlMap>().FirstOrDefault(c => c["type"]?.AsString() == type) ?? YamlMap.Empty;

    private static string Names(YamlMap status) => string.Join(' ', (status["resources"] as YamlList ?? YamlList.Empty).OfType<YamlMap>().Select(r => r["name"]!.AsString()));

    private static async Task PatchAsync(Ground ground, string patch)
    {
        var resource = await ground.Client.ResolveAsync(new GroupKind("argoproj.io", "ApplicationSet"), Cancel);
        await ground.Client.PatchAsync(resource, ground.Control, "fleet", PatchKind.Merge, YamlText.ReadOne(patch), cancellation: Cancel);
    }

    private static Task<KubernetesObject?> ApplicationAsync(Ground ground, string name) => ground.FindAsync("Application", name, ground.Control, "argoproj.io");

    [Fact]
    public async Task A_pushed_folder_becomes_an_Application_that_runs_and_goes_with_it()
    {
        await using var ground = await Ground.StartAsync();
        await ground.Git.CommitAsync("Begin", ("apps/a/a.yaml", ConfigMap("a")), ("apps/b/b.yaml", ConfigMap("b")));
        await CreateAsync(ground, Folders(ground));
        await Ground.UntilAsync(() => ground.FindAsync("ConfigMap", "a"));
        var status = await SetAsync(ground, s => Names(s) == "a b" && Condition(s, "ResourcesUpToDate")["status"]?.AsString() == "True");
        Assert.Equal("ApplicationSetUpToDate", Condition(status, "ErrorOccurred")["reason"]!.AsString());
        Assert.Equal("Successfully generated parameters for all Applications", Condition(status, "ParametersGenerated")["message"]!.AsString());

        await ground.Git.CommitAsync("Another", ("apps/c/c.yaml", ConfigMap("c")));
        await Ground.UntilAsync(() => ground.FindAsync("ConfigMap", "c"));
        await ground.Git.CommitAsync("One less", ("apps/b/b.yaml", null));
        await Ground.UntilAsync(async () => await ground.FindAsync("ConfigMap", "b") is null && await ApplicationAsync(ground, "b") is null ? "gone" : null);
        await SetAsync(ground, s => Names(s) == "a c");

        await ground.Client.DeleteAsync(new ObjectKey(new GroupKind("argoproj.io", "ApplicationSet"), ground.Control, "fleet"), cancellation: Cancel);
        await Ground.UntilAsync(async () => await ground.FindAsync("ConfigMap", "a") is null && await ApplicationAsync(ground, "a") is null ? "gone" : null);
    }

    [Fact]
    public async Task Drift_of_a_generated_Application_is_undone_and_what_people_may_set_stays()
    {
        await using var ground = await Ground.StartAsync();
        await ground.Git.CommitAsync("Begin", ("apps/a/a.yaml", ConfigMap("a")));
        await CreateAsync(ground, Folders(ground, more: "preservedFields: {labels: [mine]}"));
        await Ground.UntilAsync(() => ApplicationAsync(ground, "a"));
        var resource = await ground.Client.ResolveAsync(Application.Kind, Cancel);
        await ground.Client.PatchAsync(resource, ground.Control, "a", PatchKind.Merge, YamlText.ReadOne(
            "{metadata: {labels: {mine: x, other: z}, annotations: {capstan.dev/pin: main}}, spec: {source: {path: elsewhere}}}"), cancellation: Cancel);
        var healed = await Ground.UntilAsync(async () => await ApplicationAsync(ground, "a") is { } a && a.Body.At("spec", "source", "path")?.AsString() == "apps/a" && a.Label("other") is null ? a : null);
        Assert.Equal(("x", "main"), (healed.Label("mine"), healed.Annotation("capstan.dev/pin")));
    }

    [Fact]
    public async Task A_generator_that_fails_or_suddenly_yields_nothing_deletes_nothing_until_a_person_agrees()
    {
        await using var ground = await Ground.StartAsync();
        await ground.Git.CommitAsync("Begin", ("apps/a/a.yaml", ConfigMap("a")), ("apps/b/b.yaml", ConfigMap("b")));
        await CreateAsync(ground, Folders(ground));
        await SetAsync(ground, s => Names(s) == "a b");

        await PatchAsync(ground, "{spec: {generators: [{git: {repoURL: 'https://127.0.0.1:1/none.git', directories: [{path: 'apps/*'}]}}]}}");
        var failed = await SetAsync(ground, s => Condition(s, "ErrorOccurred")["status"]?.AsString() == "True");
        Assert.Equal("ApplicationGenerationFromParamsError", Condition(failed, "ErrorOccurred")["reason"]!.AsString());
        Assert.Contains("Nothing is created, changed or deleted meanwhile", Condition(failed, "ErrorOccurred")["message"]!.AsString(), StringComparison.Ordinal);
        Assert.Equal("False", Condition(failed, "ParametersGenerated")["status"]!.AsString());
        Assert.Equal("a b", Names(failed));

        await PatchAsync(ground, $"{{spec: {{generators: [{{git: {{repoURL: '{ground.Git.Url}', revision: main, directories: [{{path: 'moved/*'}}]}}}}]}}}}");
        var held = await SetAsync(ground, s => Condition(s, "DeletionsHeld")["status"]?.AsString() == "True");
        Assert.Contains("do not yield 2 of 2 Applications any more (a, b)", Condition(held, "DeletionsHeld")["message"]!.AsString(), StringComparison.Ordinal);
        Assert.NotNull(await ground.FindAsync("ConfigMap", "a"));

        Assert.Equal(["a", "b"], await ground.Engine.Sets.ApproveAsync(new ApplicationKey(ground.Control, "fleet"), Cancel));
        await Ground.UntilAsync(async () => await ApplicationAsync(ground, "a") is null && await ground.FindAsync("ConfigMap", "a") is null ? "gone" : null);
        await SetAsync(ground, s => Names(s).Length == 0 && Condition(s, "DeletionsHeld").Count == 0, set => set.Annotation("capstan.dev/deletions-approved") is null);
        await Assert.ThrowsAsync<DeliveryException>(() => ground.Engine.Sets.ApproveAsync(new ApplicationKey(ground.Control, "fleet"), Cancel));
    }

    [Fact]
    public async Task A_rolling_sync_goes_step_by_step_and_a_broken_step_keeps_the_next_from_it()
    {
        await using var ground = await Ground.StartAsync();
        await ground.Git.CommitAsync("Begin", ("apps/dev/a.yaml", ConfigMap("dev")), ("apps/prod/b.yaml", ConfigMap("prod")), ("apps/extra/c.yaml", ConfigMap("extra")));
        await CreateAsync(ground, Folders(ground, more: """
            strategy:
              type: RollingSync
              deletionOrder: Reverse
              rollingSync:
                steps:
                - matchExpressions: [{key: env, operator: In, values: [dev]}]
                - matchExpressions: [{key: env, operator: In, values: [prod]}]
            """.ReplaceLineEndings("\n")));
        var done = await SetAsync(ground, s => Condition(s, "RolloutProgressing")["reason"]?.AsString() == "ApplicationSetRolloutComplete" && Names(s) == "dev extra prod");
        Assert.Equal("dev=Healthy/1 extra=Waiting/-1 prod=Healthy/2", Progress(done));
        Assert.Null(await ground.FindAsync("ConfigMap", "extra"));
        Assert.Null((await ApplicationAsync(ground, "dev"))!.Body.At("spec", "syncPolicy", "automated"));

        await ground.Git.CommitAsync("Break dev", ("apps/dev/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: dev}\ndata: {k: [1]}\n"), ("apps/prod/b.yaml", ConfigMap("prod", "2")));
        var stuck = await SetAsync(ground, s => Progress(s).Contains("prod=Waiting/2", StringComparison.Ordinal) && Progress(s).Contains("dev=Progressing/1", StringComparison.Ordinal));
        Assert.Equal("1", (await ground.FindAsync("ConfigMap", "prod"))!.Body.At("data", "k")!.AsString());
        Assert.Equal("ApplicationSet is performing rollout of step 1", Condition(stuck, "RolloutProgressing")["message"]!.AsString());

        await ground.Git.CommitAsync("Mend dev", ("apps/dev/a.yaml", ConfigMap("dev", "3")));
        await Ground.UntilAsync(async () => (await ground.FindAsync("ConfigMap", "prod"))!.Body.At("data", "k")!.AsString() == "2" ? "rolled" : null);
        Assert.Equal("3", (await ground.FindAsync("ConfigMap", "dev"))!.Body.At("data", "k")!.AsString());

        // The set stays until the last step's Applications are gone, and then those of the first.
        await ground.Client.DeleteAsync(new ObjectKey(new GroupKind("argoproj.io", "ApplicationSet"), ground.Control, "fleet"), cancellation: Cancel);
        await Ground.UntilAsync(async () => await ApplicationAsync(ground, "prod") is null ? "gone" : null);
        await Ground.UntilAsync(async () => await ground.FindAsync("ApplicationSet", "fleet", ground.Control, "argoproj.io") is null && await ApplicationAsync(ground, "dev") is null ? "gone" : null);

        static string Progress(YamlMap status) => string.Join(' ', (status["applicationStatus"] as YamlList ?? YamlList.Empty).OfType<YamlMap>()
            .Select(a => $"{a["application"]!.AsString()}={a["status"]!.AsString()}/{a["step"]!.AsString()}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_cluster_that_is_registered_gets_its_Application_and_no_token_of_another_kind_is_taken()
    {
        await using var ground = await Ground.StartAsync();
        await CreateAsync(ground, $$$"""
            goTemplate: true
            generators: [{clusters: {}}]
            template:
              metadata: {name: 'on-{{.nameNormalized}}'}
              spec: {project: default, source: {repoURL: '{{{ground.Git.Url}}}', path: x}, destination: {server: '{{.server}}', namespace: x}}
            """.ReplaceLineEndings("\n"));
        await SetAsync(ground, s => Names(s) == "on-in-cluster");
        await ground.Client.CreateAsync(Make.Object($$$"""
            {"apiVersion":"v1","kind":"Secret","metadata":{"name":"eu","namespace":"{{{ground.Control}}}","labels":{"argocd.argoproj.io/secret-type":"cluster"}},
             "stringData":{"name":"EU_1","server":"https://eu.example","config":"{not json"}}
            """), cancellation: Cancel);
        await SetAsync(ground, s => Names(s) == "on-eu-1 on-in-cluster");

        await PatchAsync(ground, "{spec: {generators: [{pullRequest: {github: {owner: a, repo: b, api: 'https://evil.example', tokenRef: {secretName: eu, key: config}}}}]}}");
        var refused = await SetAsync(ground, s => Condition(s, "ErrorOccurred")["status"]?.AsString() == "True");
        Assert.Contains("is no token of a hosting service", Condition(refused, "ErrorOccurred")["message"]!.AsString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Somebody_elses_Application_of_the_name_stays_as_it_is()
    {
        await using var ground = await Ground.StartAsync();
        await ground.Git.CommitAsync("Begin", ("apps/a/a.yaml", ConfigMap("a")));
        await ground.Client.CreateAsync(Make.Object(Make.ApplicationJson(
            """{"project":"default","source":{"repoURL":"https://x.example/y.git","path":"p"},"destination":{"server":"https://kubernetes.default.svc","namespace":"n"}}""", "a",
            ""","annotations":{"argocd.argoproj.io/tracking-id":"root:argoproj.io/Application:capstan/a"}""", ground.Control)), cancellation: Cancel);
        await CreateAsync(ground, Folders(ground));
        var status = await SetAsync(ground, s => Condition(s, "ErrorOccurred")["reason"]?.AsString() == "ApplicationValidationError");
        Assert.Contains("application \"a\" is kept by another Application", Condition(status, "ErrorOccurred")["message"]!.AsString(), StringComparison.Ordinal);
        Assert.Equal("p", (await ApplicationAsync(ground, "a"))!.Body.At("spec", "source", "path")!.AsString());
    }

    [Fact]
    public async Task The_sets_of_the_corpus_are_taken_as_Argo_CD_takes_them()
    {
        var folder = Path.Combine(Environment.GetEnvironmentVariable("CAPSTAN_CORPUS") ?? "", "helm", "argocd-apps");
        Assert.SkipUnless(Directory.Exists(folder), "the corpus is not here: helm/argocd-apps; CAPSTAN_CORPUS names its folder");
        var said = new List<string>();
        await using var ground = await Ground.StartAsync();
        foreach (var file in Directory.GetFiles(folder, "expected.yaml", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            foreach (var set in YamlText.ReadAll(await File.ReadAllBytesAsync(file, Cancel)).OfType<YamlMap>().Where(d => d["kind"]?.AsString() == "ApplicationSet"))
            {
                var read = Delivery.ApplicationSets.ApplicationSetReader.Read(new KubernetesObject(set.WithAt(["metadata", "namespace"], "argocd")));
                Assert.Empty(read.Problems);
                said.Add(read.Object.Name);
                if (read.Object.Name == "applicationset-list-generator")
                {
                    var made = Assert.Single(await ground.Engine.Sets.PreviewAsync(read.Object, Cancel));
                    Assert.Equal("engineering-dev-guestbook", made.Application.Name);
                    Assert.Equal("engineering-dev", made.Application.Spec["project"]!.AsString());
                    Assert.Equal("applicationset/examples/template-override/engineering-dev-override", made.Application.Body.At("spec", "source", "path")!.AsString());
                    Assert.Equal("https://kubernetes.default.svc", made.Application.Body.At("spec", "destination", "server")!.AsString());
                }
            }
        }

        Assert.Contains("applicationset-progressive-syncs", said);
        Assert.Contains("applicationset-list-generator", said);
    }
}
