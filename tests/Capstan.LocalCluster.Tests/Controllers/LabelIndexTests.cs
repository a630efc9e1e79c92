using Capstan.LocalCluster.Controllers;
using Capstan.LocalCluster.Controllers.Running;
using Capstan.LocalCluster.Storage;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Tests.Controllers;

public sealed class LabelIndexTests
{
    private readonly LabelIndex _index = new();

    [Fact]
    public void Pods_are_found_by_the_rarest_of_the_labels()
    {
        for (var i = 0; i < 100; i++)
        {
            Add(Kinds.Pod, $"p{i}", """{"metadata":{"labels":{"tier":"front","app":"aN"}}}""".Replace("N", $"{i}", StringComparison.Ordinal));
        }

        Assert.Equal(["p7"], _index.PodsWith("shop", Labels("""{"tier":"front","app":"a7"}""")).Select(k => k.Name));
        Assert.Equal(100, _index.PodsWith("shop", Labels("""{"tier":"front"}""")).Count);
        Assert.Empty(_index.PodsWith("shop", Labels("""{"tier":"front","app":"none"}""")));
        Assert.Empty(_index.PodsWith("other", Labels("""{"tier":"front"}""")));
    }

    [Fact]
    public void Services_are_found_by_what_they_select()
    {
        Add(Kinds.Service, "web", """{"spec":{"selector":{"app":"web","tier":"front"}}}""");
        Add(Kinds.Service, "db", """{"spec":{"selector":{"app":"db"}}}""");
        Add(Kinds.Service, "none", """{"spec":{}}""");

        Assert.Equal(["web"], _index.ServicesFor("shop", Labels("""{"app":"web","tier":"front","extra":"1"}""")).Select(k => k.Name));
        Assert.Empty(_index.ServicesFor("shop", Labels("""{"extra":"1"}""")));
    }

    [Fact]
    public void Secrets_are_found_by_the_account_whose_token_they_hold()
    {
        Add(Kinds.Secret, "token", """{"type":"kubernetes.io/service-account-token","metadata":{"annotations":{"kubernetes.io/service-account.name":"web"}}}""");
        Add(Kinds.Secret, "other", """{"type":"Opaque","metadata":{"annotations":{"kubernetes.io/service-account.name":"web"}}}""");

        Assert.Equal(["token"], _index.TokensOf("shop", "web").Select(k => k.Name));
        Assert.Empty(_index.TokensOf("shop", "db"));
    }

    [Fact]
    public void What_was_let_go_is_not_found_again()
    {
        var labels = Add(Kinds.Pod, "p", """{"metadata":{"labels":{"app":"web"}}}""");

        _index.Remove(new StoreKey("pods", "shop", "p"), Kinds.Pod, labels);

        Assert.Empty(_index.PodsWith("shop", Labels("""{"app":"web"}""")));
    }

    private static YamlMap Labels(string json) => (YamlMap)JsonText.Read(json);

    private IReadOnlyList<LabelPair> Add(GroupKind kind, string name, string json)
    {
        var labels = LabelIndex.Of(new KubernetesObject((YamlMap)JsonText.Read(json)), kind);
        _index.Add(new StoreKey(kind == Kinds.Pod ? "pods" : "services", "shop", name), kind, labels);
        return labels;
    }
}
