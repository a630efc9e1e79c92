using Capstan.Kubernetes;
using Capstan.Yaml;

namespace Capstan.Delivery.Tests.Engine;

/// <summary>Comparing by asking the server (Argo CD, user-guide/diff-strategies.md).</summary>
public sealed class ServerSideDiffTests
{
    // The definition gives a default and knows the type of size; Capstan's own comparison knows neither in an untyped field.
    private const string Definition = """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: gadgets.example.com}
        spec:
          group: example.com
          scope: Namespaced
          names: {plural: gadgets, singular: gadget, kind: Gadget, listKind: GadgetList}
          versions:
          - name: v1
            served: true
            storage: true
            schema:
              openAPIV3Schema:
                type: object
                properties: {spec: {type: object, properties: {size: {type: integer}, parts: {type: array, items: {type: object, properties: {name: {type: string}, count: {type: integer, default: 1}}}}}}}
        """;

    private const string Gadget = "apiVersion: example.com/v1\nkind: Gadget\nmetadata: {name: g}\nspec: {size: 1, parts: [{name: a}, {name: b}]}\n";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ClusterKind.Local)]
    [InlineData(ClusterKind.Real)]
    public async Task An_object_is_as_the_server_would_make_it_and_drift_is_seen_and_undone(ClusterKind kind)
    {
        await using var ground = await Ground.StartAsync(kind: kind);
        var commit = await ground.Git.CommitAsync("Begin", ("deploy/crd.yaml", Definition), ("deploy/g.yaml", Gadget));
        await ground.CreateApplicationAsync(metadata: ""","annotations":{"argocd.argoproj.io/compare-options":"ServerSideDiff=true"}""");
        await ground.SyncedAsync(commit);

        var resource = await ground.ResolveAsync(new Capstan.Resources.GroupKind("example.com", "Gadget"));
        await ground.Client.PatchAsync(resource, ground.Space, "g", PatchKind.Merge, JsonText.Read("""{"spec":{"size":7}}"""), new WriteOptions { FieldManager = "kubectl-edit" }, cancellation: Cancel);
        await Ground.UntilAsync(async () => (await ground.FindAsync("Gadget", "g", group: "example.com"))!.Spec["size"]?.ToString() == "1" ? "" : null);
        await ground.SyncedAsync(commit);

        // A field that left Git is a difference too.
        await ground.SyncedAsync(await ground.Git.CommitAsync("No size", ("deploy/g.yaml", Gadget.Replace("size: 1, ", "", StringComparison.Ordinal))));
        Assert.Null((await ground.FindAsync("Gadget", "g", group: "example.com"))!.Spec["size"]);
    }

    [Fact]
    public async Task One_object_may_be_compared_by_the_server_alone()
    {
        await using var ground = await Ground.StartAsync();
        var asked = Gadget.Replace("{name: g}", "{name: g, annotations: {argocd.argoproj.io/compare-options: ServerSideDiff=true}}", StringComparison.Ordinal);
        await ground.SyncedOnceAsync(("deploy/crd.yaml", Definition), ("deploy/g.yaml", asked));
    }

    [Fact]
    public async Task What_the_server_refuses_is_told_by_its_field()
    {
        await using var ground = await Ground.StartAsync();
        const string job = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: j}\nspec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: 'busybox:1'}]}}}\n";
        await ground.Git.CommitAsync("Begin", ("deploy/j.yaml", job));
        await ground.CreateApplicationAsync("""{"automated":{},"syncOptions":["CreateNamespace=true"],"retry":{"limit":0}}""", metadata: ""","annotations":{"argocd.argoproj.io/compare-options":"ServerSideDiff=true"}""");
        await ground.UntilAsync(s => s.At("operationState", "phase")?.AsString() == "Succeeded");
        await ground.Git.CommitAsync("Another image", ("deploy/j.yaml", job.Replace("busybox:1", "busybox:2", StringComparison.Ordinal)));
        await ground.UntilAsync(s => s.At("sync", "status")?.AsString() == "OutOfSync" && s.At("operationState", "phase")?.AsString() == "Failed");
        var why = await ground.Engine.Desk.WhyAsync(Ground.Shop, Cancel);
        Assert.Contains("image", string.Join('\n', why.Select(w => w.What + w.Cause)), StringComparison.Ordinal);
    }
}
