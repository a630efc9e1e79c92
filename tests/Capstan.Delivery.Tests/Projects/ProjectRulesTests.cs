using Capstan.Delivery.Applications;
using Capstan.Delivery.Projects;
using Capstan.Resources;

namespace Capstan.Delivery.Tests.Projects;

public sealed class ProjectRulesTests
{
    private static readonly ApplicationDestination Shop = new(ApplicationDestination.InCluster, "", "shop");

    private static AppProject Read(string spec) =>
        ProjectReader.Read(Make.Object($$"""{"apiVersion":"argoproj.io/v1alpha1","kind":"AppProject","metadata":{"name":"team","namespace":"capstan"},"spec":{{spec}} }"""));

    private static ProjectRules Rules(string spec)
    {
        var read = Read(spec);
        Assert.Empty(read.Problems);
        return new ProjectRules(read);
    }

    private static string[] Outside(string spec, string repo = "https://git.example/shop.git", string space = "shop") =>
        [.. Rules(spec).Problems(
            Make.Application($$$"""{"source":{"repoURL":"{{{repo}}}","path":"p"},"destination":{"server":"{{{ApplicationDestination.InCluster}}}","namespace":"{{{space}}}"},"project":"team"}"""),
            ApplicationDestination.InCluster, isControlled: true)];

    private const string Anywhere = "\"destinations\":[{\"server\":\"*\",\"namespace\":\"*\"}]";

    [Theory]
    [InlineData("[\"*\"]", true)]
    [InlineData("[]", false)]
    [InlineData("[\"https://git.example/shop.git\"]", true)]
    [InlineData("[\"https://git.example/shop\"]", true)]
    [InlineData("[\"https://git.example/*\"]", true)]
    [InlineData("[\"https://other.example/*\"]", false)]
    [InlineData("[\"*\",\"!https://git.example/shop*\"]", false)]
    [InlineData("[\"!https://other.example/*\"]", false)]
    public void A_source_is_permitted_when_one_entry_lets_it_in_and_none_refuses_it(string repositories, bool permitted) =>
        Assert.Equal(permitted, Outside($"{{\"sourceRepos\":{repositories},{Anywhere}}}").Length == 0);

    [Theory]
    [InlineData("[{\"server\":\"https://kubernetes.default.svc\",\"namespace\":\"shop\"}]", "shop", true)]
    [InlineData("[{\"name\":\"in-cluster\",\"namespace\":\"shop*\"}]", "shop-dev", true)]
    [InlineData("[{\"server\":\"https://kubernetes.default.svc\",\"namespace\":\"shop\"}]", "other", false)]
    [InlineData("[{\"server\":\"https://elsewhere\",\"namespace\":\"*\"}]", "shop", false)]
    [InlineData("[{\"server\":\"*\",\"namespace\":\"*\"},{\"server\":\"*\",\"namespace\":\"!kube-system\"}]", "kube-system", false)]
    [InlineData("[{\"server\":\"*\",\"namespace\":\"*\"},{\"server\":\"*\",\"namespace\":\"!kube-system\"}]", "shop", true)]
    [InlineData("[]", "shop", false)]
    public void A_destination_is_permitted_likewise(string destinations, string space, bool permitted) =>
        Assert.Equal(permitted, Outside($"{{\"sourceRepos\":[\"*\"],\"destinations\":{destinations}}}", space: space).Length == 0);

    [Theory]
    [InlineData("", "apps/Deployment", "shop", true)]
    [InlineData(",\"namespaceResourceWhitelist\":[]", "apps/Deployment", "shop", false)]
    [InlineData(",\"namespaceResourceWhitelist\":[{\"group\":\"apps\",\"kind\":\"*\"}]", "apps/Deployment", "shop", true)]
    [InlineData(",\"namespaceResourceWhitelist\":[{\"group\":\"apps\",\"kind\":\"*\"}]", "/Secret", "shop", false)]
    [InlineData(",\"namespaceResourceBlacklist\":[{\"group\":\"\",\"kind\":\"Secret\"}]", "/Secret", "shop", false)]
    [InlineData(",\"namespaceResourceBlacklist\":[{\"group\":\"\",\"kind\":\"Secret\"}]", "/ConfigMap", "shop", true)]
    [InlineData("", "/Namespace", "", false)]
    [InlineData(",\"clusterResourceWhitelist\":[{\"group\":\"\",\"kind\":\"Namespace\"}]", "/Namespace", "", true)]
    [InlineData(",\"clusterResourceWhitelist\":[{\"group\":\"\",\"kind\":\"Namespace\",\"name\":\"a*\"}]", "/Namespace", "", true)]
    [InlineData(",\"clusterResourceWhitelist\":[{\"group\":\"\",\"kind\":\"Namespace\",\"name\":\"b*\"}]", "/Namespace", "", false)]
    [InlineData(",\"clusterResourceWhitelist\":[{\"group\":\"*\",\"kind\":\"*\"}],\"clusterResourceBlacklist\":[{\"group\":\"rbac.authorization.k8s.io\",\"kind\":\"*\"}]", "rbac.authorization.k8s.io/ClusterRole", "", false)]
    [InlineData("", "apps/Deployment", "other", false)]
    public void Kinds_and_namespaces_of_objects(string lists, string kind, string space, bool permitted)
    {
        var rules = Rules($"{{\"sourceRepos\":[\"*\"],\"destinations\":[{{\"server\":\"*\",\"namespace\":\"shop\"}}]{lists}}}");
        var key = new ObjectKey(new GroupKind(kind.Split('/')[0], kind.Split('/')[1]), space, "a");
        Assert.Equal(permitted, rules.Refusal(Shop, ApplicationDestination.InCluster, key) is null);
    }

    [Theory]
    [InlineData("{\"sourceRepos\":[\"!*\"]}", "spec.sourceRepos: \"!*\" refuses everything")]
    [InlineData("{\"sourceRepos\":[\"{a\"]}", "spec.sourceRepos: \"{a\" is no glob")]
    [InlineData("{\"surprise\":1}", "spec.surprise is not supported yet")]
    public void A_restriction_that_cannot_be_kept_is_named_instead_of_being_passed_over(string spec, string problem) =>
        Assert.Contains(Read(spec).Problems, p => p.StartsWith(problem, StringComparison.Ordinal));

    [Fact]
    public void Rights_of_people_and_descriptions_restrict_no_application() =>
        Assert.Empty(Read("{\"description\":\"x\",\"roles\":[{\"name\":\"dev\"}],\"orphanedResources\":{\"warn\":true},\"syncWindows\":[]}").Problems);
}
