using Capstan.Delivery.Comparing;
using Capstan.Delivery.Tracking;
using Capstan.Resources;

namespace Capstan.Delivery.Tests.Comparing;

public sealed class DesiredSetTests
{
    private static readonly KindLookup Kinds = kind => kind.Kind switch
    {
        "ConfigMap" or "Deployment" => new KindInfo(true),
        "Namespace" or "CustomResourceDefinition" or "ClusterRole" => new KindInfo(false),
        _ => null,
    };

    private static Manifest Manifest(string json, string file = "a.yaml") => new(Make.Object(json), new Origin(file, 1));

    private static DesiredSet Build(string space, params Manifest[] manifests) =>
        new DesiredSetBuilder(Kinds, space, o => TrackingRules.Default.Mark(o, "shop", space)).Build(manifests);

    [Fact]
    public void Objects_get_the_destination_namespace_and_the_mark_of_their_application()
    {
        var set = Build(
            "shop", Manifest("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}"""),
            Manifest("""{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"r","namespace":"ignored"}}"""),
            Manifest("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"b","namespace":"own"}}"""));
        Assert.Empty(set.Problems);
        Assert.Equal(["ConfigMap/shop/a", "ConfigMap/own/b", "ClusterRole/r"], set.Objects.Select(o => o.Key.ToString()));
        Assert.Equal(
            ["shop:/ConfigMap:shop/a", "shop:/ConfigMap:own/b", "shop:rbac.authorization.k8s.io/ClusterRole:shop/r"],
            set.Objects.Select(o => o.Object.Annotation(TrackingId.Annotation)));
    }

    [Fact]
    public void An_object_without_any_namespace_is_a_problem_with_its_place() =>
        Assert.StartsWith("a.yaml:1: ConfigMap/a: it names no namespace", Assert.Single(Build("", Manifest("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}""")).Problems), StringComparison.Ordinal);

    [Fact]
    public void An_object_that_is_there_twice_counts_once_and_is_told()
    {
        var set = Build(
            "shop", Manifest("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"k":"1"}}"""),
            Manifest("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"shop"},"data":{"k":"2"}}""", "b.yaml"));
        Assert.Equal("2", Assert.Single(set.Objects).Object.Body.At("data", "k")!.AsString());
        Assert.Contains("at a.yaml:1 and b.yaml:1", Assert.Single(set.Repeated));
    }

    [Fact]
    public void A_kind_that_comes_with_its_definition_is_placed_by_it()
    {
        var set = Build(
            "shop", Manifest("""{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"w"}}"""),
            Manifest("""{"apiVersion":"example.com/v1","kind":"Planet","metadata":{"name":"p"}}"""),
            Manifest("""{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"widgets.example.com"},"spec":{"group":"example.com","scope":"Namespaced","names":{"kind":"Widget"}}}"""),
            Manifest("""{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"planets.example.com"},"spec":{"group":"example.com","scope":"Cluster","names":{"kind":"Planet"}}}"""));
        Assert.Equal(["Planet/p", "Widget/shop/w"], set.Objects.Where(o => !o.IsServed).Select(o => o.Key.ToString()));
    }

    [Theory]
    [InlineData("argoproj.io/v1alpha1", "Application", "shop", true)]
    [InlineData("argoproj.io/v1alpha1", "AppProject", "shop", true)]
    [InlineData("argoproj.io/v1alpha1", "Rollout", "shop", false)]
    [InlineData("capstan.dev/v1alpha1", "Settings", "shop", true)]
    [InlineData("v1", "ConfigMap", "capstan", true)]
    [InlineData("v1", "ConfigMap", "argocd", true)]
    [InlineData("v1", "ConfigMap", "shop", false)]
    public void Capstans_own_kinds_and_namespaces_are_guarded(string apiVersion, string kind, string space, bool guarded)
    {
        var desired = new DesiredObject(
            Make.Object($$$"""{"apiVersion":"{{{apiVersion}}}","kind":"{{{kind}}}","metadata":{"name":"a","namespace":"{{{space}}}"}}"""), new Origin("a.yaml", 1));
        Assert.Equal(guarded, new WriteGuard(new HashSet<string> { "capstan", "argocd" }).Problems([desired]).Count == 1);
    }
}
