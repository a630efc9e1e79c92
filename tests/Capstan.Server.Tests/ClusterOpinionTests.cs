using System.Net;
using System.Text;
using System.Text.Json;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Server.Hosting;
using Capstan.Testing;
using Capstan.Yaml;
using Microsoft.Extensions.Logging.Abstractions;

namespace Capstan.Server.Tests;

/// <summary>On a real cluster its administrators have the last word: what Capstan's bindings give counts as far as the cluster's own roles give it too.</summary>
public sealed class ClusterOpinionTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_person_may_with_applications_what_both_Capstan_and_the_cluster_allow()
    {
        var kubeconfig = await RealCluster.KubeconfigAsync();
        var data = Directory.CreateTempSubdirectory("capstan-opinions-").FullName;
        try
        {
            var time = new LateClock();
            await using var server = await CapstanServer.StartAsync(ServerFixture.Settings(data) with { Kubeconfig = kubeconfig }, time, NullLoggerFactory.Instance, Stop);
            using var cluster = new ClusterClient(ClusterConnection.FromKubeconfig(kubeconfig), TimeProvider.System, NullLogger.Instance);
            using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = server.Url };
            foreach (var project in new[] { "crew", "other" })
            {
                await ApplyAsync(cluster, $"apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: {{name: {project}, namespace: capstan}}\nspec: {{sourceRepos: ['*'], destinations: [{{server: '*', namespace: '*'}}]}}\n");
                await ApplyAsync(cluster, $"apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: {project}-web, namespace: capstan}}\nspec: {{project: {project}, source: {{repoURL: 'file:///nowhere', path: a}}, destination: {{server: 'https://kubernetes.default.svc', namespace: x}}}}\n");
            }

            // 1. Capstan gives everything to anna, and the cluster nothing: she sees no application.
            await ApplyAsync(cluster, "apiVersion: capstan.dev/v1alpha1\nkind: AccessBinding\nmetadata: {name: anna, namespace: capstan}\nspec: {subjects: ['user:local:anna'], rules: [{verbs: ['*'], resources: ['*']}]}\n");
            var anna = await SignInAsync(http, server, "anna");
            await TokenTests.EventuallyAsync(async () => await StatusAsync(http, "/repositories/platform", anna) == HttpStatusCode.OK);
            await TokenTests.EventuallyAsync(async () => await StatusAsync(http, "/api/v1/applications/crew-web", server.TokenText, bearer: true) == HttpStatusCode.OK);
            Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(http, "/api/v1/applications/crew-web", anna));
            Assert.Equal(0, await CountAsync(http, anna));

            // 2. The cluster gives her to look at one project: she sees that one's, and changes nothing.
            await RoleAsync(cluster, "get, list");
            time.Skip(TimeSpan.FromMinutes(2));
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(http, "/api/v1/applications/crew-web", anna));
            Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(http, "/api/v1/applications/other-web", anna));
            Assert.Equal(1, await CountAsync(http, anna));
            using var refused = await SendAsync(http, "POST", "/api/v1/applications/crew-web/refresh", anna);
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);

            // 3. With the verb of the cluster she does.
            await RoleAsync(cluster, "get, list, sync");
            time.Skip(TimeSpan.FromMinutes(2));
            using var done = await SendAsync(http, "POST", "/api/v1/applications/crew-web/refresh", anna);
            Assert.True(done.IsSuccessStatusCode, await done.Content.ReadAsStringAsync(Stop));

            // 4. The cluster adds nothing: what Capstan takes away is gone, whatever the cluster allows.
            await ApplyAsync(cluster, "apiVersion: capstan.dev/v1alpha1\nkind: AccessBinding\nmetadata: {name: anna, namespace: capstan}\nspec: {subjects: ['user:local:anna'], rules: [{verbs: [get], resources: [repositories]}]}\n");
            await TokenTests.EventuallyAsync(async () => await StatusAsync(http, "/api/v1/applications/crew-web", anna) == HttpStatusCode.NotFound);
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    private static async Task RoleAsync(ClusterClient cluster, string verbs)
    {
        await ApplyAsync(cluster, $"apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {{name: crew, namespace: capstan}}\nrules: [{{apiGroups: [argoproj.io], resources: [appprojects/applications], resourceNames: [crew], verbs: [{verbs}]}}]\n");
        await ApplyAsync(cluster, """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: crew, namespace: capstan}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: crew}
            subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: "local:anna"}]
            """);
        // The API server's own authorizer hears of a role a moment after it was written.
        var attributes = YamlMap.Of(("group", "argoproj.io"), ("resource", "appprojects"), ("subresource", "applications"), ("namespace", "capstan"), ("name", "crew"), ("verb", verbs.Split(", ")[^1]));
        var review = new KubernetesObject(YamlMap.Of(("apiVersion", "authorization.k8s.io/v1"), ("kind", "SubjectAccessReview"), ("metadata", YamlMap.Empty), ("spec", YamlMap.Of(("user", "local:anna"), ("resourceAttributes", attributes)))));
        await TokenTests.EventuallyAsync(async () => (await cluster.CreateAsync(review, null, Stop)).Object.Status["allowed"]?.Equals(YamlScalar.Boolean(true)) == true);
    }

    private static async Task<string> SignInAsync(HttpClient http, CapstanServer server, string name)
    {
        using var made = await SendAsync(http, "POST", "/api/v1/users", server.TokenText, bearer: true, body: JsonSerializer.Serialize(new { name }));
        var password = JsonDocument.Parse(await made.Content.ReadAsStringAsync(Stop)).RootElement.GetProperty("password").GetString()!;
        using var request = new HttpRequestMessage(HttpMethod.Post, "/sign-in");
        request.Content = new FormUrlEncodedContent([KeyValuePair.Create("name", name), KeyValuePair.Create("secret", password)]);
        using var done = await http.SendAsync(request, Stop);
        var session = done.Headers.GetValues("Set-Cookie").First().Split(';')[0];
        // A token of hers: what she may is the same by session and by token, and a token needs no word of a page.
        using var page = await SendAsync(http, "GET", "/account", session);
        var guard = System.Text.RegularExpressions.Regex.Match(await page.Content.ReadAsStringAsync(Stop), "name=\"_guard\" value=\"([^\"]+)\"").Groups[1].Value;
        using var issue = new HttpRequestMessage(HttpMethod.Post, "/api/v1/tokens");
        issue.Headers.TryAddWithoutValidation("Cookie", session);
        issue.Headers.TryAddWithoutValidation("X-Capstan-Guard", guard);
        issue.Content = new StringContent("""{"name":"of-anna"}""", Encoding.UTF8, "application/json");
        using var issued = await http.SendAsync(issue, Stop);
        Assert.Equal(HttpStatusCode.Created, issued.StatusCode);
        return JsonDocument.Parse(await issued.Content.ReadAsStringAsync(Stop)).RootElement.GetProperty("token").GetString()!;
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient http, string path, string credential, bool bearer = true)
    {
        using var answer = await SendAsync(http, "GET", path, credential, bearer);
        return answer.StatusCode;
    }

    private static async Task<int> CountAsync(HttpClient http, string token)
    {
        using var answer = await SendAsync(http, "GET", "/api/v1/applications", token, bearer: true);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Stop)).RootElement.GetProperty("items").GetArrayLength();
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient http, string method, string path, string credential, bool? bearer = null, string? body = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (bearer ?? !credential.Contains('=', StringComparison.Ordinal)) request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + credential);
        else request.Headers.TryAddWithoutValidation("Cookie", credential);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        return await http.SendAsync(request, Stop);
    }

    private static async Task ApplyAsync(ClusterClient cluster, string yaml) => await cluster.ApplyAsync(new KubernetesObject((YamlMap)YamlText.ReadOne(yaml)), new ApplyOptions { Force = true }, Stop);

    /// <summary>The real clock, as far ahead as it was told.</summary>
    private sealed class LateClock : TimeProvider
    {
        private long _ahead;

        public void Skip(TimeSpan time) => Interlocked.Add(ref _ahead, time.Ticks);

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _ahead));
    }
}
