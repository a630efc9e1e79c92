using Capstan.Delivery.ApplicationSets;
using Capstan.Delivery.ApplicationSets.Hosting;
using Capstan.Sources;
using Capstan.Testing;

namespace Capstan.Delivery.Tests.ApplicationSets;

public sealed class HostingTests : IDisposable
{
    private readonly StaticServer _server = new();
    private readonly HostingClient _client = new(new HashSet<string> { "127.0.0.1" });

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _client.Dispose();
        _server.Dispose();
    }

    private FixedInputs GitHub()
    {
        _server.Put("api/v3/orgs/acme/repos", $$"""
            [{"name":"shop","id":7,"default_branch":"main","ssh_url":"git@h:acme/shop.git","clone_url":"https://h/acme/shop.git","topics":["web","eu"],"archived":false},
             {"name":"old","id":8,"default_branch":"main","archived":true},
             {"name":"lib","id":9,"default_branch":"trunk","ssh_url":"git@h:acme/lib.git","clone_url":"https://h/acme/lib.git","topics":[]}]
            """);
        _server.Put("api/v3/repos/acme/shop/branches/main", """{"name":"main","commit":{"sha":"0123456789abcdef"}}""");
        _server.Put("api/v3/repos/acme/lib/branches/trunk", """{"name":"trunk","commit":{"sha":"fedcba9876543210"}}""");
        _server.Put("api/v3/repos/acme/shop/branches", """[{"name":"main","commit":{"sha":"0123456789abcdef"}},{"name":"Feature/X","commit":{"sha":"aaaa"}}]""");
        _server.Put("api/v3/repos/acme/lib/branches", """[{"name":"trunk","commit":{"sha":"fedcba9876543210"}}]""");
        _server.Put("api/v3/repos/acme/shop/contents/deploy", "[]");
        _server.Put("api/v3/repos/acme/shop/pulls", """
            [{"number":12,"title":"Add a cart","head":{"ref":"Feature/Cart","sha":"0123456789abcdef"},"base":{"ref":"main"},"labels":[{"name":"preview"},{"name":"big"}],"user":{"login":"ann"}},
             {"number":13,"title":"wip","head":{"ref":"wip","sha":"bbb"},"base":{"ref":"release"},"labels":[],"user":{"login":"bob"}}]
            """);
        return new FixedInputs { Api = new GitHubApi(_client, new Uri(_server.Url), "secret") };
    }

    private const string Shown = "{{.organization}} {{.repository}} {{.repository_id}} {{.url}} {{.branch}} {{.sha}} {{.short_sha}} {{.short_sha_7}} {{.labels}} {{.branchNormalized}}";

    [Fact]
    public async Task The_repositories_of_an_organization_at_GitHub_are_listed_with_the_token()
    {
        var inputs = GitHub();
        Assert.Equal(
            "acme shop 7 git@h:acme/shop.git main 0123456789abcdef 01234567 0123456 web,eu main\nacme lib 9 git@h:acme/lib.git trunk fedcba9876543210 fedcba98 fedcba9  trunk",
            await inputs.ParametersAsync("- scmProvider: {github: {organization: acme, api: https://ghe.example, tokenRef: {secretName: t, key: k}}}", Shown));
        Assert.Equal(new HostingService(HostingKind.GitHub, "https://ghe.example", "t", "k"), inputs.Asked);
        Assert.All(_server.Asked, a => Assert.Equal("Bearer secret", a.Authorization));
    }

    [Fact]
    public async Task Filters_choose_by_name_label_branch_and_paths_and_any_of_them_suffices()
    {
        var inputs = GitHub();
        Assert.Equal("shop main https://h/acme/shop.git", await inputs.ParametersAsync(
            "- scmProvider: {github: {organization: acme}, cloneProtocol: https, filters: [{repositoryMatch: ^s, pathsExist: [deploy], pathsDoNotExist: [disabled.txt], labelMatch: ^eu$}]}",
            "{{.repository}} {{.branch}} {{.url}}"));
        Assert.Equal("shop feature-x v-aaaa\nlib trunk v-fedcba98", await inputs.ParametersAsync(
            "- scmProvider: {github: {organization: acme, allBranches: true}, filters: [{branchMatch: X$}, {repositoryMatch: lib}], values: {v: 'v-{{short_sha}}'}}",
            "{{repository}} {{branchNormalized}} {{values.v}}", goTemplate: false));
        var error = await Assert.ThrowsAsync<SetException>(() => inputs.ParametersAsync("- scmProvider: {github: {organization: acme}, filters: [{repositoryMatch: '('}]}", "x"));
        Assert.Contains("error compiling regexp", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_pull_requests_are_listed_by_labels_and_filters()
    {
        var inputs = GitHub();
        Assert.Equal("12 Add a cart Feature/Cart feature-cart main main 0123456789abcdef 01234567 0123456 ann [preview big]", await inputs.ParametersAsync(
            "- pullRequest: {github: {owner: acme, repo: shop, labels: [preview]}}",
            "{{.number}} {{.title}} {{.branch}} {{.branch_slug}} {{.target_branch}} {{.target_branch_slug}} {{.head_sha}} {{.head_short_sha}} {{.head_short_sha_7}} {{.author}} {{.labels}}"));
        Assert.Equal("13", await inputs.ParametersAsync("- pullRequest: {github: {owner: acme, repo: shop}, filters: [{targetBranchMatch: rel.*, titleMatch: ^w}]}", "{{number}}", goTemplate: false));
        var gone = await Assert.ThrowsAsync<SetException>(() => inputs.ParametersAsync("- pullRequest: {github: {owner: acme, repo: gone}}", "{{.number}}"));
        Assert.Contains("HTTP 404; it is not there, or the token may not see it", gone.Message, StringComparison.Ordinal);
        Assert.Equal("", await inputs.ParametersAsync("- pullRequest: {github: {owner: acme, repo: gone}, continueOnRepoNotFoundError: true}", "{{.number}}"));
    }

    [Fact]
    public async Task Gitea_is_asked_in_its_own_way()
    {
        _server.Put("api/v1/orgs/acme/repos", """[{"name":"shop","id":3,"default_branch":"main","ssh_url":"ssh://g/acme/shop.git","html_url":"https://g/acme/shop","empty":false},{"name":"new","default_branch":"main","empty":true}]""");
        _server.Put("api/v1/repos/acme/shop/branches/main", """{"name":"main","commit":{"id":"0123456789abcdef"}}""");
        _server.Put("api/v1/repos/acme/shop/labels", """[{"name":"bug"},{"name":"web"}]""");
        _server.Put("api/v1/repos/acme/shop/pulls", """[{"number":4,"title":"t","head":{"ref":"b","sha":"ccc"},"base":{"ref":"main"},"labels":[{"name":"web"}],"user":{"login":"eve"}}]""");
        var inputs = new FixedInputs { Api = new GiteaApi(_client, new Uri(_server.Url + "/"), "tok") };
        Assert.Equal("acme shop 3 ssh://g/acme/shop.git main 0123456789abcdef 01234567 0123456 bug,web main", await inputs.ParametersAsync(
            "- scmProvider: {gitea: {owner: acme, api: https://g, tokenRef: {secretName: t, key: k}}}", Shown));
        Assert.Equal("4 eve ccc", await inputs.ParametersAsync("- pullRequest: {gitea: {owner: acme, repo: shop, api: https://g, labels: [web]}}", "{{.number}} {{.author}} {{.head_sha}}"));
        Assert.All(_server.Asked, a => Assert.Equal("token tok", a.Authorization));
    }

    [Fact]
    public async Task An_address_within_the_network_is_not_asked_nor_one_that_a_redirect_leads_to()
    {
        using var strict = new HostingClient(new HashSet<string>());
        var refused = await Assert.ThrowsAsync<SourceException>(() => new GitHubApi(strict, new Uri(_server.Url), null).PullRequestsAsync("a", "b", Cancel));
        Assert.Equal(SourceProblem.Refused, refused.Problem);
        foreach (var address in (string[])["http://169.254.169.254/", "http://[::ffff:127.0.0.1]/", "http://2130706433/", "http://localhost/", "http://10.0.0.1/"])
        {
            Assert.Equal(SourceProblem.Refused, (await Assert.ThrowsAsync<SourceException>(() => new GiteaApi(strict, new Uri(address), null).PullRequestsAsync("a", "b", Cancel))).Problem);
        }

        _server.Redirects["api/v1/repos/a/b/pulls"] = "http://169.254.169.254/latest/meta-data";
        Assert.Equal(SourceProblem.Refused, (await Assert.ThrowsAsync<SourceException>(() => new GiteaApi(_client, new Uri(_server.Url), null).PullRequestsAsync("a", "b", Cancel))).Problem);
        Assert.All(_server.Asked, a => Assert.StartsWith("api/v1/repos/a/b/pulls", a.Path.TrimStart('/'), StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_answer_that_is_no_list_is_an_error_and_no_empty_list()
    {
        _server.Put("api/v1/repos/a/b/pulls", """{"message":"hello"}""");
        var error = await Assert.ThrowsAsync<SourceException>(() => new GiteaApi(_client, new Uri(_server.Url), null).PullRequestsAsync("a", "b", Cancel));
        Assert.Contains("the answer is a map, not a list; is this the API's address?", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hello", error.Message, StringComparison.Ordinal);
        _server.Put("api/v1/repos/a/c/pulls", "<html>");
        Assert.Contains("no JSON", (await Assert.ThrowsAsync<SourceException>(() => new GiteaApi(_client, new Uri(_server.Url), null).PullRequestsAsync("a", "c", Cancel))).Message, StringComparison.Ordinal);
    }
}
