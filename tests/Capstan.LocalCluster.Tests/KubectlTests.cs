namespace Capstan.LocalCluster.Tests;

/// <summary>What people type: the real kubectl, both versions, against the server.</summary>
public sealed class KubectlTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private const string Deployment = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, labels: {app: web}}
        spec:
          replicas: 2
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec: {containers: [{name: web, image: "nginx:1.27", ports: [{containerPort: 80}]}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: web}
        spec: {selector: {app: web}, ports: [{port: 80}]}
        """;

    private const string Definition = """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: ships.example.com}
        spec:
          group: example.com
          scope: Namespaced
          names: {plural: ships, kind: Ship, shortNames: [sh]}
          versions:
          - name: v1
            served: true
            storage: true
            subresources: {status: {}}
            additionalPrinterColumns: [{name: Masts, type: integer, jsonPath: .spec.masts}]
            schema:
              openAPIV3Schema:
                type: object
                properties:
                  spec:
                    type: object
                    required: [masts]
                    properties:
                      masts: {type: integer, minimum: 1}
                      rig: {type: string, default: sloop, x-kubernetes-validations: [{rule: self == oldSelf, message: a rig stays}]}
                  status: {type: object, x-kubernetes-preserve-unknown-fields: true}
        """;

    public static TheoryData<string> Programs() => [.. Kubectl.Programs().DefaultIfEmpty("")];

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task A_working_day_with_kubectl(string program)
    {
        Assert.SkipWhen(program.Length == 0, "no kubectl: run eng/judges/fetch.sh");
        var space = "day-" + Guid.NewGuid().ToString("N")[..8];
        await Good(program, $"apiVersion: v1\nkind: Namespace\nmetadata: {{name: {space}}}\n", "create", "-f", "-");
        var n = $"-n={space}";

        Assert.Contains("deployment.apps/web created", await Good(program, Deployment, n, "apply", "-f", "-"));
        Assert.Contains("deployment.apps/web unchanged", await Good(program, Deployment, n, "apply", "-f", "-"));
        Assert.Contains("deployment.apps/web configured", await Good(program, Deployment.Replace("1.27", "1.28"), n, "apply", "-f", "-"));
        Assert.Equal("nginx:1.28", await Good(program, "", n, "get", "deploy", "web", "-o", "jsonpath={.spec.template.spec.containers[0].image}"));
        Assert.Equal("RollingUpdate", await Good(program, "", n, "get", "deploy", "web", "-o", "jsonpath={.spec.strategy.type}"));

        var table = await Good(program, "", n, "get", "deploy,svc");
        Assert.Contains("READY   UP-TO-DATE   AVAILABLE", table);
        Assert.Contains("CLUSTER-IP", table);

        Assert.Contains("scaled", await Good(program, "", n, "scale", "deploy/web", "--replicas=5"));
        Assert.Equal("5", await Good(program, "", n, "get", "deploy", "web", "-o", "jsonpath={.spec.replicas}"));
        await Good(program, "", n, "label", "deploy/web", "tier=front");
        await Good(program, "", n, "annotate", "deploy/web", "note=hello");
        Assert.Contains("tier=front", await Good(program, "", n, "get", "deploy", "-l", "tier=front", "--show-labels"));
        Assert.Contains("Namespace:", await Good(program, "", n, "describe", "deploy", "web"));

        var (code, diff, error) = await Run(program, Deployment.Replace("1.27", "1.29"), n, "diff", "-f", "-");
        Assert.True(code == 1, error);
        Assert.Contains("+      - image: nginx:1.29", diff);

        await Good(program, "", n, "patch", "deploy", "web", "--type=json", "-p", """[{"op":"replace","path":"/spec/replicas","value":1}]""");
        await Good(program, "", n, "patch", "deploy", "web", "--type=merge", "-p", """{"metadata":{"annotations":{"note":null}}}""");
        await Good(program, "", n, "patch", "deploy", "web", "--type=strategic", "-p", """{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"busybox"}]}}}}""");
        Assert.Equal("1 side web", await Good(program, "", n, "get", "deploy", "web", "-o", "jsonpath={.spec.replicas} {.spec.template.spec.containers[*].name}"));

        Assert.Contains("deleted", await Good(program, "", n, "delete", "deploy,svc", "--all"));
        Assert.Contains("NotFound", (await Run(program, "", n, "get", "deploy", "web")).Error);
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Server_side_apply_conflicts_are_told_and_forced(string program)
    {
        Assert.SkipWhen(program.Length == 0, "no kubectl: run eng/judges/fetch.sh");
        var space = "ssa-" + Guid.NewGuid().ToString("N")[..8];
        await Good(program, $"apiVersion: v1\nkind: Namespace\nmetadata: {{name: {space}}}\n", "create", "-f", "-");
        var n = $"-n={space}";
        Assert.Contains("serverside-applied", await Good(program, Deployment, n, "apply", "--server-side", "-f", "-"));
        // Until its pods are ready its status moves, and with that its version.
        await Good(program, "", n, "rollout", "status", "deploy/web", "--timeout=60s");
        var before = await Good(program, "", n, "get", "deploy", "web", "-o", "jsonpath={.metadata.resourceVersion}");
        await Good(program, Deployment, n, "apply", "--server-side", "-f", "-");
        Assert.Equal(before, await Good(program, "", n, "get", "deploy", "web", "-o", "jsonpath={.metadata.resourceVersion}"));

        var (code, _, error) = await Run(program, Deployment.Replace("replicas: 2", "replicas: 3"), n, "apply", "--server-side", "--field-manager=other", "-f", "-");
        Assert.Equal(1, code);
        Assert.Contains("conflict with \"kubectl\"", error);
        Assert.Contains(".spec.replicas", error);
        await Good(program, Deployment.Replace("replicas: 2", "replicas: 3"), n, "apply", "--server-side", "--field-manager=other", "--force-conflicts", "-f", "-");
        Assert.Equal("3", await Good(program, "", n, "get", "deploy", "web", "-o", "jsonpath={.spec.replicas}"));
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Custom_resources_are_defined_used_and_go_with_their_definition(string program)
    {
        Assert.SkipWhen(program.Length == 0, "no kubectl: run eng/judges/fetch.sh");
        await Good(program, Definition, "apply", "-f", "-");
        await Good(program, "", "wait", "--for=condition=established", "crd/ships.example.com", "--timeout=10s");
        const string Ship = "apiVersion: example.com/v1\nkind: Ship\nmetadata: {name: argo}\nspec: {masts: 2}\n";
        await Good(program, Ship, "apply", "-f", "-");
        Assert.Contains("MASTS", await Good(program, "", "get", "sh"));
        Assert.Equal("sloop", await Good(program, "", "get", "ship", "argo", "-o", "jsonpath={.spec.rig}"));
        Assert.Contains("spec.masts in body should be greater than or equal to 1", (await Run(program, Ship.Replace("2", "0"), "apply", "-f", "-")).Error);
        Assert.Contains("spec.rig: Invalid value: \"string\": a rig stays", (await Run(program, Ship.Replace("masts: 2", "masts: 2, rig: brig"), "apply", "-f", "-")).Error);
        Assert.Contains("unknown field \"spec.wheels\"", (await Run(program, Ship.Replace("masts: 2", "masts: 2, wheels: 4"), "apply", "-f", "-")).Error);
        Assert.Contains("masts", await Good(program, "", "explain", "ship.spec"));
        await Good(program, "", "delete", "crd", "ships.example.com");
        Assert.NotEqual(0, (await Run(program, "", "get", "ships")).Code);
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Discovery_lists_what_is_served(string program)
    {
        Assert.SkipWhen(program.Length == 0, "no kubectl: run eng/judges/fetch.sh");
        var resources = await Good(program, "", "api-resources");
        Assert.Contains("deployments", resources);
        Assert.Contains("horizontalpodautoscalers", resources);
        Assert.Contains("networkpolicies", resources);
        Assert.Contains("apps/v1", await Good(program, "", "api-versions"));
        Assert.Contains("gitVersion", await Good(program, "", "version", "-o", "json"));
        Assert.Contains("ok", await Good(program, "", "get", "--raw", "/readyz"));
        Assert.Contains("containers", await Good(program, "", "explain", "deployment.spec.template.spec"));
    }

    [Theory]
    [InlineData("voting-app")]
    [InlineData("sock-shop")]
    [InlineData("online-boutique")]
    public async Task Manifests_of_real_teams_are_taken_and_then_unchanged(string repository)
    {
        var program = Kubectl.Programs().FirstOrDefault();
        Assert.SkipWhen(program is null, "no kubectl: run eng/judges/fetch.sh");
        var corpus = Environment.GetEnvironmentVariable("CAPSTAN_CORPUS");
        Assert.SkipWhen(corpus is null || !Directory.Exists(Path.Combine(corpus, "gitops-repos", repository)), "the corpus is absent; set CAPSTAN_CORPUS");
        var root = Path.Combine(corpus, "gitops-repos", repository);
        var folder = repository switch
        {
            "online-boutique" => Path.Combine(root, "release"),
            "sock-shop" => Directory.GetDirectories(root, "manifests", SearchOption.AllDirectories).First(),
            _ => Directory.GetDirectories(root, "k8s-specifications", SearchOption.AllDirectories).First(),
        };
        var space = $"apiVersion: v1\nkind: Namespace\nmetadata: {{name: {(repository == "sock-shop" ? repository : "r-" + repository)}}}\n";
        await Good(program, space, "apply", "-f", "-");
        string[] apply = repository == "sock-shop" ? ["apply", "-f", folder] : ["apply", "-n", "r-" + repository, "-f", folder];
        Assert.Contains("created", await Good(program, "", apply));
        var again = await Good(program, "", apply);
        Assert.DoesNotContain("created", again);
        Assert.DoesNotContain("configured", again);
    }

    private async Task<string> Good(string program, string input, params string[] arguments)
    {
        var (code, output, error) = await Run(program, input, arguments);
        Assert.True(code == 0, $"kubectl {string.Join(' ', arguments)}: {error}{output}");
        return output;
    }

    private Task<(int Code, string Output, string Error)> Run(string program, string input, params string[] arguments) =>
        Kubectl.RunAsync(program, fixture.Server.KubeconfigPath, input, arguments);
}
