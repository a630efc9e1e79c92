using Capstan.Access.Rights;

namespace Capstan.Access.Tests;

public sealed class RightsTests
{
    private static readonly Principal Anna = new(PrincipalKind.User, "local:anna") { Groups = ["oidc:shop"] };

    [Theory]
    [InlineData(false, Verb.Get, ResourceKind.Applications, AccessDecision.CredentialNeeded)]
    [InlineData(true, Verb.Get, ResourceKind.Applications, AccessDecision.Allowed)]
    [InlineData(true, Verb.List, ResourceKind.Repositories, AccessDecision.Allowed)]
    [InlineData(true, Verb.Get, ResourceKind.Tokens, AccessDecision.CredentialNeeded)]
    [InlineData(true, Verb.Update, ResourceKind.Repositories, AccessDecision.CredentialNeeded)]
    [InlineData(true, Verb.Logs, ResourceKind.Applications, AccessDecision.CredentialNeeded)]
    [InlineData(true, Verb.Sync, ResourceKind.Applications, AccessDecision.CredentialNeeded)]
    public void Nobody_in_particular_reads_where_that_is_switched_on_and_never_does_more(bool open, Verb verb, ResourceKind resource, AccessDecision expected) =>
        Assert.Equal(expected, new AccessRules(open).Decide(Principal.Anonymous, verb, resource, "x"));

    [Fact]
    public void The_administrator_and_Capstan_itself_may_all()
    {
        var rules = new AccessRules(false);
        foreach (var verb in Enum.GetValues<Verb>())
        {
            foreach (var resource in Enum.GetValues<ResourceKind>())
            {
                Assert.Equal(AccessDecision.Allowed, rules.Decide(Principal.Administrator, verb, resource, "x"));
                Assert.Equal(AccessDecision.Allowed, rules.Decide(Principal.System, verb, resource, null));
                Assert.NotEqual(AccessDecision.Allowed, rules.Decide(Anna, verb, resource, "x"));
            }
        }
    }

    [Theory]
    [InlineData("user:local:anna", true)]
    [InlineData("group:oidc:shop", true)]
    [InlineData("everyone", true)]
    [InlineData("user:oidc:shop", false)]
    [InlineData("group:local:anna", false)]
    [InlineData("user:local:ann", false)]
    [InlineData("user:oidc:anna", false)]
    [InlineData("group:local:shop", false)]
    public void A_binding_speaks_of_people_and_groups_by_their_whole_name(string subject, bool binds)
    {
        var rules = new AccessRules(false);
        rules.Use([new AccessBinding("b", [subject], [Read("get,sync:applications:shop/*")])]);
        Assert.Equal(binds, rules.May(Anna, Verb.Sync, ResourceKind.Applications, "shop/web"));
    }

    [Fact]
    public void What_may_not_be_seen_is_hidden_and_what_may_be_seen_is_denied()
    {
        var rules = new AccessRules(false);
        rules.Use([new AccessBinding("b", ["user:local:anna"], [Read("get:applications:shop/*")])]);
        Assert.Equal(AccessDecision.Allowed, rules.Decide(Anna, Verb.Get, ResourceKind.Applications, "shop/web"));
        Assert.Equal(AccessDecision.Denied, rules.Decide(Anna, Verb.Sync, ResourceKind.Applications, "shop/web"));
        Assert.Equal(AccessDecision.Hidden, rules.Decide(Anna, Verb.Get, ResourceKind.Applications, "bank/web"));
        Assert.Equal(AccessDecision.Hidden, rules.Decide(Anna, Verb.Sync, ResourceKind.Applications, "bank/web"));
        Assert.Equal(AccessDecision.Allowed, rules.Decide(Anna, Verb.List, ResourceKind.Applications, null));
        Assert.Equal(AccessDecision.Denied, rules.Decide(Anna, Verb.List, ResourceKind.Images, null));
    }

    [Fact]
    public void A_binding_that_is_gone_gives_nothing_any_more()
    {
        var rules = new AccessRules(false);
        rules.Use([new AccessBinding("b", ["everyone"], [Read("*:*")])]);
        Assert.True(rules.May(Anna, Verb.Delete, ResourceKind.Clusters, "in-cluster"));
        rules.Use([]);
        Assert.False(rules.May(Anna, Verb.Delete, ResourceKind.Clusters, "in-cluster"));
    }

    [Fact]
    public void A_scope_narrows_and_never_widens()
    {
        var rules = new AccessRules(false);
        rules.Use([new AccessBinding("b", ["user:local:anna"], [Read("get,update:repositories:shop/*")])]);
        var scoped = Anna with { Scope = [Read("get,delete:repositories")] };
        Assert.True(rules.May(scoped, Verb.Get, ResourceKind.Repositories, "shop/web"));
        Assert.False(rules.May(scoped, Verb.Update, ResourceKind.Repositories, "shop/web"));
        Assert.False(rules.May(scoped, Verb.Delete, ResourceKind.Repositories, "shop/web"));
        Assert.False(rules.May(scoped, Verb.Get, ResourceKind.Repositories, "bank/web"));
        Assert.False(rules.May(Principal.Administrator with { Scope = [Read("get:repositories")] }, Verb.Update, ResourceKind.Repositories, "x"));
    }

    [Fact]
    public void A_robot_may_what_its_own_grants_say_whatever_bindings_say_of_everyone()
    {
        var rules = new AccessRules(true);
        rules.Use([new AccessBinding("b", ["everyone"], [Read("*:*")])]);
        var run = new Principal(PrincipalKind.Robot, "run:shop/17") { Grants = [Read("get:repositories:shop")] };
        Assert.True(rules.May(run, Verb.Get, ResourceKind.Repositories, "shop"));
        Assert.False(rules.May(run, Verb.Update, ResourceKind.Repositories, "shop"));
        Assert.False(rules.May(run, Verb.Get, ResourceKind.Applications, "default/shop"));
    }

    [Theory]
    [InlineData("get:applications:shop/*", "get:applications:shop/*", true)]
    [InlineData("get:applications:shop/*", "get:applications:shop/web", true)]
    [InlineData("get:applications:shop/*", "get:applications:shop/w*b", true)]
    [InlineData("get:applications:shop/*", "get:applications:*", false)]
    [InlineData("get:applications:shop/*", "get:applications", false)]
    [InlineData("get:applications:shop/web*", "get:applications:shop/*", false)]
    [InlineData("get:applications:shop/*", "get,sync:applications:shop/web", false)]
    [InlineData("get:applications:shop/*", "*:applications:shop/web", false)]
    [InlineData("*:*", "*:*", true)]
    public void Only_what_one_holds_can_be_handed_on(string held, string wanted, bool may)
    {
        var rules = new AccessRules(false);
        rules.Use([new AccessBinding("b", ["user:local:anna"], [Read(held)])]);
        Assert.Equal(may, rules.MayHandOn(Anna, Read(wanted)));
    }

    [Theory]
    [InlineData("*", "a/b/c", true)]
    [InlineData("shop/*", "shop/web", true)]
    [InlineData("shop/*", "shop/a/b", true)]
    [InlineData("shop/*", "shop", false)]
    [InlineData("shop/*", "shopping/web", false)]
    [InlineData("*web", "shop/web", true)]
    [InlineData("s*p/*b", "shop/web", true)]
    [InlineData("shop", "shop", true)]
    [InlineData("shop", "Shop", false)]
    [InlineData("", "", true)]
    [InlineData("a*a*a*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false)]
    public void Names_are_matched_by_stars(string pattern, string name, bool matches) => Assert.Equal(matches, NamePattern.Matches(pattern, name));

    [Theory]
    [InlineData("get", "is no grant")]
    [InlineData("get:apples", "apples is no kind of things")]
    [InlineData("fetch:repositories", "fetch is no verb")]
    [InlineData("0:repositories", "0 is no verb")]
    [InlineData("get,:repositories", "an empty word is no verb")]
    [InlineData("get:repositories:", "names nothing")]
    public void A_grant_that_cannot_be_read_says_why(string text, string problem)
    {
        Assert.False(Grant.TryParse(text, out _, out var said));
        Assert.Contains(problem, said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("system:masters", false)]
    [InlineData("System:x", false)]
    [InlineData("", false)]
    [InlineData("a b", false)]
    [InlineData("a,b", false)]
    [InlineData("a\nb", false)]
    [InlineData("anna@example.test", true)]
    public void Names_of_Kubernetes_itself_and_those_that_break_lines_belong_to_nobody(string name, bool fit) => Assert.Equal(fit, Principal.IsFitName(name));

    internal static Grant Read(string text) => Grant.TryParse(text, out var grant, out var problem) ? grant : throw new ArgumentException(problem);
}
