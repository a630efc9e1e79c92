using Capstan.Delivery.Applications;
using Capstan.Delivery.Tracking;
using Capstan.Resources;

namespace Capstan.Delivery.Tests.Tracking;

public sealed class TrackingIdTests
{
    [Theory]
    [InlineData("shop:/Service:ns/web", "shop", "", "Service", "ns", "web")]
    [InlineData("shop:apps/Deployment:ns/web", "shop", "apps", "Deployment", "ns", "web")]
    [InlineData("team_shop:apps/Deployment:ns/web", "team_shop", "apps", "Deployment", "ns", "web")]
    [InlineData("shop:rbac.authorization.k8s.io/ClusterRole:/system:reader", "shop", "rbac.authorization.k8s.io", "ClusterRole", "", "system:reader")]
    public void The_annotation_reads_and_writes_as_argo_cd_has_it(string text, string instance, string group, string kind, string space, string name)
    {
        var id = TrackingId.Parse(text);
        Assert.Equal(new TrackingId(instance, new ObjectKey(new GroupKind(group, kind), space, name)), id);
        Assert.Equal(text, id!.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("shop")]
    [InlineData("shop:apps/Deployment")]
    [InlineData("shop:Deployment:ns/web")]
    [InlineData("shop:a/b/Deployment:ns/web")]
    [InlineData("shop:apps/Deployment:web")]
    [InlineData("shop:apps/Deployment:ns/web/more")]
    [InlineData(":apps/Deployment:ns/web")]
    public void What_has_another_shape_does_not_track(string? text) => Assert.Null(TrackingId.Parse(text));

    [Fact]
    public void A_copied_annotation_does_not_make_an_object_ours()
    {
        Assert.NotNull(TrackingId.Of(Make.ConfigMap("web", tracking: "shop:/ConfigMap:shop/web")));
        Assert.Null(TrackingId.Of(Make.ConfigMap("copy", tracking: "shop:/ConfigMap:shop/web")));
        Assert.Null(TrackingId.Of(Make.ConfigMap("web", space: "other", tracking: "shop:/ConfigMap:shop/web")));
        Assert.Null(TrackingId.Of(Make.ConfigMap("web", tracking: "shop:/Secret:shop/web")));
    }

    [Theory]
    [InlineData("shop:/Namespace:/web")]
    [InlineData("shop:/Namespace:shop/web")]
    public void For_a_cluster_scoped_object_the_namespace_does_not_count(string annotation)
    {
        var live = Make.Object($$$"""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"web","annotations":{"argocd.argoproj.io/tracking-id":"{{{annotation}}}"} } }""");
        Assert.Equal("shop", TrackingId.Of(live)?.Instance);
    }

    [Fact]
    public void Outside_the_control_namespaces_the_namespace_is_part_of_the_instance()
    {
        var control = new HashSet<string> { "capstan", "argocd" };
        Assert.Equal("shop", TrackingId.InstanceName(new ApplicationKey("argocd", "shop"), control));
        Assert.Equal("team_shop", TrackingId.InstanceName(new ApplicationKey("team", "shop"), control));
    }
}
