using Capstan.Faults.Tests.Checking;

namespace Capstan.Faults.Tests.Load;

/// <summary>Objects that a controller may choke on each time it starts. They are stored from the beginning, so that every restart meets them.</summary>
internal static class Poison
{
    private const string Applications = "/apis/argoproj.io/v1alpha1/namespaces/capstan/applications/";
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps/";

    private static readonly (string Path, string Body)[] Objects =
    [
        (ConfigMaps + "poison-annotations", """
            {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"poison-annotations","annotations":{
              "argocd.argoproj.io/sync-wave":"99999999999999999999","argocd.argoproj.io/hook":"Foo,,PreSync",
              "argocd.argoproj.io/compare-options":"=,;=\u0000","argocd.argoproj.io/tracking-id":"app0:::/:/:",
              "kubectl.kubernetes.io/last-applied-configuration":"{\"a\":[[[[","controller.kubernetes.io/pod-deletion-cost":"1e309"}}}
            """),
        (ConfigMaps + "poison-deep", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"poison-deep","annotations":{"kubectl.kubernetes.io/last-applied-configuration":"DEEP"}}}""".Replace("DEEP", new string('[', 20_000), StringComparison.Ordinal)),
        (Applications + "poison-empty", """{"apiVersion":"argoproj.io/v1alpha1","kind":"Application","metadata":{"name":"poison-empty"},"spec":{}}"""),
        (Applications + "poison-types", """
            {"apiVersion":"argoproj.io/v1alpha1","kind":"Application","metadata":{"name":"poison-types","annotations":{"argocd.argoproj.io/refresh":"Foo,,","capstan.dev/pin":"\n"}},
             "spec":{"project":7,"source":[],"destination":"here","syncPolicy":{"automated":[],"retry":{"limit":1e300,"backoff":{"duration":"9999999999h","factor":-1}},"syncOptions":{"a":1}}},
             "status":{"operationState":{"phase":7,"startedAt":"10000-99-99"},"history":{"id":"x"},"resources":"all"},"operation":{"sync":[null]}}
            """),
        (Applications + "poison-path", """
            {"apiVersion":"argoproj.io/v1alpha1","kind":"Application","metadata":{"name":"poison-path"},
             "spec":{"project":"default","source":{"repoURL":"ext::sh -c true","path":"../../..","targetRevision":"--upload-pack=x"},"destination":{"server":"nowhere","namespace":"\u0001"}}}
            """),
    ];

    public static async Task StoreAsync(Api api, CancellationToken cancellation)
    {
        var stored = 0;
        foreach (var (path, body) in Objects)
        {
            try
            {
                await api.ApplyAsync(path, body, cancellation);
                stored++;
            }
            catch (HttpRequestException error) when (error.StatusCode is System.Net.HttpStatusCode.BadRequest or System.Net.HttpStatusCode.UnprocessableEntity)
            {
                // Refused at the door is the better outcome; what gets in must do no harm.
                TestContext.Current.SendDiagnosticMessage("{0} was refused: {1}", path, error.Message);
            }
        }
        Assert.True(stored >= 3, $"only {stored} poison objects could be stored");
    }

    /// <summary>The poison that cannot be delivered is still stored; nothing threw it away to be rid of it.</summary>
    public static async Task<IReadOnlyList<Violation>> StillThereAsync(Api api, CancellationToken cancellation) =>
        await api.FindAsync(Applications + "poison-empty", cancellation) is null ? [new Violation(Violation.Durable, "the Application poison-empty is gone")] : [];
}
