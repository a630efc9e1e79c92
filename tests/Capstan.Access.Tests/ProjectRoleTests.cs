using Capstan.Access.Rights;

namespace Capstan.Access.Tests;

public sealed class ProjectRoleTests
{
    private static readonly Principal Ann = new(PrincipalKind.User, "oidc:ann") { Groups = ["oidc:shop-devs"] };
    private static readonly Principal Token = new(PrincipalKind.User, "proj:shop:ci");

    private static AccessRules Rules(params string[] policies)
    {
        var (binding, problem) = ProjectRole.Read("shop", "ci", policies, ["shop-devs"]);
        Assert.Null(problem);
        var rules = new AccessRules(false);
        rules.Use([binding!]);
        return rules;
    }

    [Fact]
    public void A_role_gives_its_members_and_its_tokens_what_its_policies_allow()
    {
        var rules = Rules("p, proj:shop:ci, applications, sync, shop/*, allow", "p, proj:shop:ci, applications, get, shop/*, allow", "p,proj:shop:ci,logs,get,shop/web,allow");
        foreach (var who in (Principal[])[Ann, Token])
        {
            Assert.True(rules.May(who, Verb.Sync, ResourceKind.Applications, "shop/web"));
            Assert.True(rules.May(who, Verb.Rollback, ResourceKind.Applications, "shop/web"));
            Assert.True(rules.May(who, Verb.Logs, ResourceKind.Applications, "shop/web"));
            Assert.False(rules.May(who, Verb.Logs, ResourceKind.Applications, "shop/api"));
            Assert.False(rules.May(who, Verb.Delete, ResourceKind.Applications, "shop/web"));
            Assert.False(rules.May(who, Verb.Override, ResourceKind.Applications, "shop/web"));
            Assert.False(rules.May(who, Verb.Sync, ResourceKind.Applications, "shopping/web"));
            Assert.False(rules.May(who, Verb.Get, ResourceKind.ApplicationSets, "shop/fleet"));
        }

        Assert.False(rules.May(new Principal(PrincipalKind.User, "local:ann") { Groups = ["local:shop-devs"] }, Verb.Get, ResourceKind.Applications, "shop/web"));
        Assert.False(rules.May(new Principal(PrincipalKind.User, "proj:shop:other"), Verb.Get, ResourceKind.Applications, "shop/web"));
    }

    [Fact]
    public void A_refusal_wins_whoever_gives_and_nothing_of_the_kind_is_handed_on()
    {
        var (role, _) = ProjectRole.Read("shop", "ci", ["p, proj:shop:ci, applications, *, shop/*, allow", "p, proj:shop:ci, applications, delete, shop/prod-*, deny"], ["shop-devs"]);
        Assert.True(Grant.TryParse("*:applications:*", out var all, out _));
        var rules = new AccessRules(false);
        rules.Use([new AccessBinding("all", ["user:oidc:ann"], [all]), role!]);
        Assert.True(rules.May(Ann, Verb.Delete, ResourceKind.Applications, "shop/dev-web"));
        Assert.False(rules.May(Ann, Verb.Delete, ResourceKind.Applications, "shop/prod-web"));
        Assert.True(Grant.TryParse("delete:applications:shop/*", out var pattern, out _));
        Assert.False(rules.MayHandOn(Ann, pattern));
        Assert.True(Grant.TryParse("sync:applications:shop/*", out pattern, out _));
        Assert.True(rules.MayHandOn(Ann, pattern));
    }

    [Theory]
    [InlineData("p, proj:shop:ci, applications, get, other/*, allow", "must begin with shop/")]
    [InlineData("p, proj:shop:ci, applications, get, *, allow", "must begin with shop/")]
    [InlineData("p, proj:shop:ci, applications, get, shop/, allow", "must begin with shop/")]
    [InlineData("p, proj:shop:admin, applications, get, shop/*, allow", "the subject must be proj:shop:ci")]
    [InlineData("p, role:admin, applications, get, shop/*, allow", "the subject must be proj:shop:ci")]
    [InlineData("g, proj:shop:ci, role:admin", "wants six fields")]
    [InlineData("p, proj:shop:ci, applications, get, shop/*, allow\np, proj:shop:ci, applications, *, shop/*, allow", "wants six fields")]
    [InlineData("p, proj:shop:ci, applications, get, shop/*, allow, allow", "wants six fields")]
    [InlineData("p, proj:shop:ci, projects, update, shop/x, allow", "projects is none of")]
    [InlineData("p, proj:shop:ci, *, *, shop/*, allow", "* is none of")]
    [InlineData("p, proj:shop:ci, applications, action/apps/Deployment/restart, shop/*, deny", "action/apps/Deployment/restart is no action")]
    [InlineData("p, proj:shop:ci, applications, get, shop/*, maybe", "the effect is allow or deny")]
    [InlineData("p, proj:shop:ci, applications, get, shop/[a-z]*, deny", "only * is understood")]
    public void A_policy_that_is_not_understood_or_reaches_out_of_the_project_voids_the_role(string policy, string problem)
    {
        var (binding, said) = ProjectRole.Read("shop", "ci", ["p, proj:shop:ci, applications, get, shop/*, allow", policy], []);
        Assert.Null(binding);
        Assert.Contains(problem, said, StringComparison.Ordinal);
    }

    [Fact]
    public void All_actions_on_objects_are_a_right_of_their_own()
    {
        var rules = Rules("p, proj:shop:ci, applications, action/*, shop/*, allow");
        Assert.True(rules.May(Token, Verb.Action, ResourceKind.Applications, "shop/web"));
        Assert.False(rules.May(Token, Verb.Sync, ResourceKind.Applications, "shop/web"));
        Assert.False(rules.May(Token, Verb.Action, ResourceKind.Applications, "other/web"));
    }

    [Fact]
    public void What_Argo_CD_means_by_repositories_and_clusters_gives_nothing_here()
    {
        var rules = Rules("p, proj:shop:ci, repositories, *, shop/*, allow", "p, proj:shop:ci, clusters, get, shop/*, allow");
        Assert.False(rules.May(Token, Verb.Update, ResourceKind.Repositories, "shop/web"));
        Assert.False(rules.May(Token, Verb.Get, ResourceKind.Clusters, "shop/x"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a:b")]
    [InlineData("a b")]
    [InlineData("a,b")]
    public void A_name_that_could_be_read_as_another_is_no_role(string role) => Assert.NotNull(ProjectRole.Read("shop", role, [], []).Problem);
}
