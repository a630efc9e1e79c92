using Capstan.Resources;
using Capstan.Server.Pipelines;
using Capstan.Yaml;

namespace Capstan.Server.Tests;

/// <summary>What two stages differ in, told from their manifests.</summary>
public sealed class ManifestComparisonTests
{
    private const string Web = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, namespace: shop-dev, annotations: {argocd.argoproj.io/tracking-id: "dev:apps/Deployment:shop-dev/web"} }
        spec:
          replicas: 1
          template: {spec: {containers: [{name: side, image: "side:1"}, {name: web, image: "web:1", env: [{name: LEVEL, value: debug}]}]}}
        """;

    [Fact]
    public void Namespaces_and_what_tells_the_application_do_not_count()
    {
        var (differing, same) = Compare(Web, Web.Replace("shop-dev", "shop-prod", StringComparison.Ordinal).Replace("dev:apps", "prod:apps", StringComparison.Ordinal));
        Assert.Empty(differing);
        Assert.Equal(1, same);
    }

    [Fact]
    public void Fields_are_told_by_their_paths_and_items_of_lists_by_their_names_whatever_their_order_is()
    {
        var prod = Web.Replace("replicas: 1", "replicas: 3", StringComparison.Ordinal)
            .Replace("""[{name: side, image: "side:1"}, {name: web, image: "web:1", env: [{name: LEVEL, value: debug}]}]""", """[{name: web, image: "web:2"}, {name: side, image: "side:1"}]""", StringComparison.Ordinal);
        var deployment = Assert.Single(Compare(Web, prod).Differing);
        Assert.Equal(("Deployment/web", null), (deployment.Object, deployment.In));
        Assert.Equal(
            [".spec.replicas: 1 | 3", ".spec.template.spec.containers[name=web].env[name=LEVEL].name: LEVEL | ", ".spec.template.spec.containers[name=web].env[name=LEVEL].value: debug | ",
             ".spec.template.spec.containers[name=web].image: web:1 | web:2"],
            deployment.Fields.Select(f => $"{f.Path}: {f.From} | {f.To}"));
    }

    [Fact]
    public void An_object_of_one_stage_alone_is_told_with_the_stage()
    {
        var (differing, _) = Compare(Web, "{apiVersion: v1, kind: ConfigMap, metadata: {name: flags} }");
        Assert.Equal(["ConfigMap/flags in prod", "Deployment/web in dev"], differing.Select(o => $"{o.Object} in {o.In}"));
    }

    [Fact]
    public void That_values_of_a_Secret_differ_is_told_and_no_value_is()
    {
        const string secret = "{apiVersion: v1, kind: Secret, metadata: {name: keys}, stringData: {user: same, password: canary-one} }";
        var field = Assert.Single(Assert.Single(Compare(secret, secret.Replace("canary-one", "canary-two", StringComparison.Ordinal)).Differing).Fields);
        Assert.Equal(".stringData.password", field.Path);
        Assert.DoesNotContain("canary", field.From + field.To, StringComparison.Ordinal);
    }

    private static (IReadOnlyList<Api.Pipelines.ComparedObject> Differing, int Same) Compare(string dev, string prod) => ManifestComparison.Of([Read(dev)], [Read(prod)], "dev", "prod");

    private static KubernetesObject Read(string yaml) => new((YamlMap)YamlText.ReadOne(yaml));
}
