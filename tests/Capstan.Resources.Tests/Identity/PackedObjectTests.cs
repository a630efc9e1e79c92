using Capstan.Yaml;

namespace Capstan.Resources.Tests.Identity;

public class PackedObjectTests
{
    private static readonly KubernetesObject Web = new((YamlMap)JsonText.Read("""
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","namespace":"shop","uid":"u-1","resourceVersion":"7","labels":{"app":"web"}},
         "spec":{"replicas":2}}
        """));

    [Fact]
    public void A_packed_object_is_the_same_object()
    {
        var packed = Web.Packed();

        Assert.Equal(Web, packed);
        Assert.Equal(Web.GetHashCode(), packed.GetHashCode());
        Assert.Equal((Web.Key, Web.GroupVersionKind, Web.Uid, Web.ResourceVersion), (packed.Key, packed.GroupVersionKind, packed.Uid, packed.ResourceVersion));
        Assert.Equal("web", packed.Label("app"));
        Assert.Equal(Web.ToJson().ToArray(), packed.ToJson().ToArray());
        Assert.Same(packed, packed.Packed());
    }

    [Fact]
    public void A_change_of_a_packed_object_shows_in_what_is_asked_of_it()
    {
        var moved = Web.Packed().WithNamespace("other").With(["metadata", "resourceVersion"], "8");

        Assert.Equal("other", moved.Key.Namespace);
        Assert.Equal("8", moved.ResourceVersion);
    }
}
