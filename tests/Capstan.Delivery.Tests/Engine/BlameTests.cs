using Capstan.Delivery.Controllers;
using Capstan.Delivery.Explaining;

namespace Capstan.Delivery.Tests.Engine;

public sealed class BlameTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static string Deployment(int replicas) =>
        $"apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: {replicas}\n  selector: {{matchLabels: {{a: b}}}}\n  template:\n    metadata: {{labels: {{a: b}}}}\n    spec:\n      containers:\n      - name: web\n        image: nginx:1\n";

    private static IEnumerable<string> Said(IReadOnlyList<FieldBlame> fields) => fields.SelectMany(f =>
        f.Sources.Select(s => $"{f.Field}={f.Value} {s.Source.By} {s.Source.File}:{s.Source.Line} {s.Commit?.Subject}"));

    private static async Task<IReadOnlyList<FieldBlame>> BlameAsync(Ground ground, string @object, string field) =>
        (await ground.Engine.Desk.BlameAsync(ground.Key(), @object, field, Cancel)).Fields;

    [Fact]
    public async Task A_field_of_a_plain_manifest_leads_to_its_line_and_the_commit_that_wrote_it()
    {
        await using var ground = await Ground.StartAsync();
        await ground.Git.CommitAsync("Begin", ("deploy/web.yaml", Deployment(1)), ("deploy/s.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {p: hunter2}\n"));
        var commit = await ground.Git.CommitAsync("Grow", ("deploy/web.yaml", Deployment(2)));
        await ground.CreateApplicationAsync();
        await ground.SyncedAsync(commit);
        Assert.Equal([".spec.replicas=2 manifest deploy/web.yaml:6 Grow"], Said(await BlameAsync(ground, "Deployment/web", "spec.replicas")));
        Assert.Equal(
            [".spec.template.spec.containers[0].name=web manifest deploy/web.yaml:12 Begin", ".spec.template.spec.containers[0].image=nginx:1 manifest deploy/web.yaml:13 Begin"],
            Said(await BlameAsync(ground, "deployment/shop/web", ".spec.template.spec.containers[name='web']")));
        Assert.Equal(["***"], (await BlameAsync(ground, "Secret/s", ".stringData")).Select(f => f.Value));
        Assert.Contains("no such field", (await Assert.ThrowsAsync<DeliveryException>(() => BlameAsync(ground, "Deployment/web", ".spec.nope"))).Message, StringComparison.Ordinal);
        Assert.Contains("no such object; it has", (await Assert.ThrowsAsync<DeliveryException>(() => BlameAsync(ground, "Deployment/nope", ""))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_field_of_a_chart_leads_to_its_template_and_to_where_its_value_is_said()
    {
        await using var ground = await Ground.StartAsync();
        await ground.Git.CommitAsync(
            "Begin", ("deploy/Chart.yaml", "apiVersion: v2\nname: a\nversion: 1.0.0\n"), ("deploy/values.yaml", "colour: red\nsize: 1\nshape: round\n"),
            ("deploy/templates/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  colour: {{ .Values.colour }}\n  size: {{ .Values.size | quote }}\n  shape: {{ .Values.shape }}\n"));
        var commit = await ground.Git.CommitAsync("Paint", ("env/prod.yaml", "other: 1\ncolour: blue\n"));
        await ground.CreateApplicationAsync(kind: """ "helm":{"valueFiles":["/env/prod.yaml"],"parameters":[{"name":"size","value":"9"}]} """);
        await ground.SyncedAsync(commit);
        Assert.Equal(
            [
                ".data.colour=blue template deploy/templates/a.yaml:5 Begin", ".data.colour=blue value colour env/prod.yaml:2 Paint",
                ".data.size=9 template deploy/templates/a.yaml:6 Begin", ".data.size=9 value size, a parameter of the Application :0 ",
                ".data.shape=round template deploy/templates/a.yaml:7 Begin", ".data.shape=round value shape deploy/values.yaml:3 Begin",
            ],
            Said(await BlameAsync(ground, "ConfigMap/a", ".data")));
    }

    [Fact]
    public async Task A_field_of_a_kustomization_leads_to_the_resource_the_patch_or_the_field_that_set_it()
    {
        await using var ground = await Ground.StartAsync();
        await ground.Git.CommitAsync("Begin", ("base/kustomization.yaml", "resources: [web.yaml]\n"), ("base/web.yaml", Deployment(1)), ("deploy/kustomization.yaml", "resources: [../base]\n"));
        var commit = await ground.Git.CommitAsync(
            "Overlay", ("deploy/kustomization.yaml", "resources: [../base]\nnamePrefix: my-\npatches:\n- path: p.yaml\n"), ("deploy/p.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 2\n"));
        await ground.CreateApplicationAsync(kind: """ "kustomize":{"images":["nginx:2"]} """);
        await ground.SyncedAsync(commit);
        Assert.Equal([".spec.replicas=2 patch deploy/p.yaml:5 Overlay"], Said(await BlameAsync(ground, "Deployment/my-web", ".spec.replicas")));
        Assert.Equal([".metadata.name=my-web namePrefix deploy/kustomization.yaml:2 Overlay"], Said(await BlameAsync(ground, "Deployment/my-web", ".metadata.name")));
        Assert.Equal(
            [".spec.template.spec.containers[0].name=web resource base/web.yaml:12 Begin", ".spec.template.spec.containers[0].image=nginx:2 images of the Application :0 "],
            Said(await BlameAsync(ground, "Deployment/my-web", ".spec.template.spec.containers")));
    }
}
