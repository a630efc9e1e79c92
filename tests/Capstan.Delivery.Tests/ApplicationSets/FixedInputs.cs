using Capstan.Delivery.ApplicationSets;
using Capstan.Delivery.ApplicationSets.Generators;
using Capstan.Delivery.ApplicationSets.Hosting;
using Capstan.Resources;
using Capstan.Sources;
using Capstan.Trees;
using Capstan.Yaml;

namespace Capstan.Delivery.Tests.ApplicationSets;

/// <summary>What generators read, as values: generation is a function of a set and these.</summary>
internal sealed class FixedInputs : ISetInputs
{
    public List<RegisteredCluster> Registered { get; } = [new("in-cluster", "https://kubernetes.default.svc", "", null)];

    public Dictionary<string, SourceTree> Trees { get; } = [];

    public KubernetesObject? Map { get; set; }

    public List<KubernetesObject> Objects { get; } = [];

    public IHostingApi? Api { get; set; }

    public HostingService? Asked { get; private set; }

    public FixedInputs WithCluster(string name, string server, string labels = "{}", string annotations = "{}", string project = "")
    {
        Registered.Add(new RegisteredCluster(name, server, project, new ClusterMarks((YamlMap)YamlText.ReadOne(labels), (YamlMap)YamlText.ReadOne(annotations))));
        return this;
    }

    public FixedInputs WithFiles(params (string Path, string Text)[] files)
    {
        Trees["https://git.example/platform.git"] = MemoryTree.Of(files);
        return this;
    }

    public IReadOnlyList<RegisteredCluster> Clusters() => Registered;

    public Task<SourceTree> OpenAsync(string repoUrl, string revision, CancellationToken cancellation) => Trees.TryGetValue(repoUrl, out var tree)
        ? Task.FromResult(tree)
        : throw new SourceException(SourceProblem.Unreachable, $"{repoUrl}: cannot be reached");

    public Task<KubernetesObject?> ConfigMapAsync(string space, string name, CancellationToken cancellation) => Task.FromResult(Map);

    public Task<IReadOnlyList<KubernetesObject>> ObjectsAsync(string apiVersion, string plural, string space, string name, string labelSelector, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<KubernetesObject>>(Objects);

    public Task<IHostingApi> HostingAsync(HostingService service, string space, CancellationToken cancellation)
    {
        Asked = service;
        return Task.FromResult(Api!);
    }

    /// <summary>The Applications of a set whose spec is given as YAML.</summary>
    public async Task<IReadOnlyList<GeneratedApplication>> MakeAsync(string spec, string space = "argocd")
    {
        var set = SetOf(spec, space);
        return (await SetGeneration.RunAsync(set, this, space is "argocd" or "capstan", TimeProvider.System, TestContext.Current.CancellationToken)).Applications;
    }

    public static ApplicationSet SetOf(string spec, string space = "argocd", string metadata = "{}")
    {
        var body = YamlMap.Of(
            ("apiVersion", "argoproj.io/v1alpha1"), ("kind", "ApplicationSet"),
            ("metadata", ((YamlMap)YamlText.ReadOne(metadata)).With("name", "set").With("namespace", space).With("uid", "set-uid")), ("spec", YamlText.ReadOne(spec)));
        return ApplicationSetReader.Read(new KubernetesObject(body));
    }

    /// <summary>The parameters that generators yield, seen through a template that prints them.</summary>
    public async Task<string> ParametersAsync(string generators, string shown, bool goTemplate = true)
    {
        var made = await MakeAsync($$"""
            goTemplate: {{(goTemplate ? "true" : "false")}}
            goTemplateOptions: ["missingkey=error"]
            generators:
            {{generators.ReplaceLineEndings("\n")}}
            template:
              metadata: {name: x}
              spec:
                project: default
                source: {repoURL: https://git.example/a.git, path: '{{shown}}'}
            """);
        return string.Join('\n', made.Select(a => a.Object.Body.At("spec", "source", "path")!.AsString()));
    }
}
