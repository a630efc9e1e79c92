using System.Text.RegularExpressions;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Tests;

/// <summary>The commands of a working day that send protobuf, follow watches or look at several kinds at once.</summary>
public sealed partial class KubectlDayTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private const string NoKubectl = "no kubectl: run eng/judges/fetch.sh";

    public static TheoryData<string> Programs() => [.. Kubectl.Programs().DefaultIfEmpty("")];

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Everything_that_kubectl_creates_is_created(string program)
    {
        var day = await StartAsync(program);
        foreach (var command in new[]
        {
            "configmap c --from-literal=a=b", "secret generic s --from-literal=p=q", "secret docker-registry r --docker-server=x --docker-username=u --docker-password=p",
            "serviceaccount sa", "service clusterip svc --tcp=80:8080", "service nodeport np --tcp=80", "service externalname en --external-name=example.com",
            "deployment d --image=nginx:1.27 --replicas=2 --port=80", "job j --image=busybox -- true", "cronjob cj --image=busybox --schedule=@daily -- true",
            "job j2 --from=cronjob/cj", "ingress i --rule=foo.com/bar=svc:80,tls=t", "role ro --verb=get,list --resource=pods,deployments.apps",
            "rolebinding rb --role=ro --serviceaccount=x:sa --user=bob", "poddisruptionbudget pdb --selector=app=d --min-available=50%", "quota q --hard=pods=100,cpu=2",
        })
        {
            Assert.Contains("created", await day.Run("create " + command));
        }

        Assert.Equal("b", await day.Run("get configmap c -o jsonpath={.data.a}"));
        Assert.Equal("cQ==", await day.Run("get secret s -o jsonpath={.data.p}"));
        Assert.Equal("8080", await day.Run("get service svc -o jsonpath={.spec.ports[0].targetPort}"));
        Assert.Equal("true", await day.Run("get job j -o jsonpath={.spec.template.spec.containers[0].command[0]}"));
        Assert.Equal("50% Exact ServiceAccount,User", string.Join(' ',
            await day.Run("get pdb pdb -o jsonpath={.spec.minAvailable}"), await day.Run("get ingress i -o jsonpath={.spec.rules[0].http.paths[0].pathType}"),
            (await day.Run("get rolebinding rb -o jsonpath={.subjects[*].kind}")).Split(' ').Order().Aggregate((a, b) => $"{a},{b}")));
        Assert.Equal("100", await day.Run("get quota q -o jsonpath={.spec.hard.pods}"));
        foreach (var thing in new[] { "deploy/d", "rs", "pod", "svc/svc", "cm/c", "secret/s", "sa/sa", "job/j", "cj/cj", "ing/i", "role/ro", "rolebinding/rb", "pdb/pdb", "quota/q", "node" })
        {
            Assert.Contains("Name:", await day.Run("describe " + thing));
        }

        Assert.Contains("deployment.apps/d", await day.Run("get all -A"));
        Assert.Contains("INTERNAL-IP", await day.Run("get nodes -o wide"));
        Assert.Contains("No events found", await day.Run("events", withError: true));
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task A_deployment_is_rolled_forth_and_back(string program)
    {
        var day = await StartAsync(program);
        await day.Run("create deployment web --image=nginx:1.27 --replicas=2");
        Assert.Contains("successfully rolled out", await day.Run("rollout status deploy/web --timeout=30s"));
        await day.Run("set image deploy/web nginx=nginx:1.28");
        await day.Run("rollout status deploy/web --timeout=30s");
        Assert.Contains("Image:\tnginx:1.27", Spaces().Replace(await day.Run("rollout history deploy/web --revision=1"), "\t"));
        await day.Run("rollout undo deploy/web");
        Assert.Equal("nginx:1.27", await day.Run("get deploy web -o jsonpath={.spec.template.spec.containers[0].image}"));
        await day.Run("rollout status deploy/web --timeout=30s");
        Assert.Equal(2, (await day.Run("get rs -l app=web -o name")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);

        await day.Run("rollout restart deploy/web");
        await day.Run("rollout pause deploy/web");
        Assert.Equal("true", await day.Run("get deploy web -o jsonpath={.spec.paused}"));
        await day.Run("rollout resume deploy/web");
        await day.Run("scale deploy/web --replicas=3");
        await day.Run("scale deploy/web --current-replicas=3 --replicas=4");
        await day.Run("wait --for=jsonpath={.status.readyReplicas}=4 deploy/web --timeout=30s");
        await day.Run("wait --for=condition=Available deploy/web --timeout=30s");
        Assert.Contains("exposed", await day.Run("expose deploy/web --port=80"));
        Assert.Contains("autoscaled", await day.Run("autoscale deploy/web --max=5"));
        await day.Run("set env deploy/web A=B");
        await day.Run("set resources deploy/web --limits=cpu=100m");
        Assert.Equal("B 100m", await day.Run("get deploy web -o jsonpath={.spec.template.spec.containers[0].env[0].value} {.spec.template.spec.containers[0].resources.limits.cpu}"));
        Assert.Contains("deleted", await day.Run("delete deploy web --cascade=foreground --timeout=30s"));
        Assert.Equal("", await day.Run("get rs -o name"));
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Pods_are_run_evicted_and_deleted_and_nothing_pretends_to_run_in_them(string program)
    {
        var day = await StartAsync(program);
        await day.Run("run p --image=nginx");
        Assert.Contains("kind: Pod", await day.Run("run q --image=nginx --dry-run=server -o yaml"));
        await day.Run("wait --for=condition=Ready pod/p --timeout=30s");
        foreach (var command in new[] { "logs p", "exec p -- ls", "attach p", "port-forward pod/p 0:80", "debug p --image=busybox" })
        {
            Assert.Contains("the node \"simulated\" is simulated and runs no containers", await day.Fail(command));
        }

        Assert.Contains("cordoned", await day.Run("cordon simulated"));
        Assert.Contains("SchedulingDisabled", await day.Run("get node simulated"));
        Assert.Contains("uncordoned", await day.Run("uncordon simulated"));
        Assert.Contains("tainted", await day.Run("taint nodes simulated a=b:NoSchedule"));
        Assert.Contains("untainted", await day.Run("taint nodes simulated a-"));

        await day.Run("create pdb keep --selector=run=p --min-available=1");
        Assert.Contains("disruption budget", await day.Fail("drain simulated --force --pod-selector=run=p --timeout=2s"));
        await day.Run("delete pdb keep");
        Assert.Contains("drained", await day.Run("drain simulated --force --pod-selector=run=p --timeout=30s"));
        await day.Run("uncordon simulated");
        await day.Run("run r --image=nginx");
        Assert.Contains("deleted", await day.Run("delete pod r --grace-period=5 --timeout=30s"));
        Assert.Contains("NotFound", await day.Fail("get pod r"));
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Rights_are_told_and_bound(string program)
    {
        var day = await StartAsync(program);
        Assert.Contains("yes", await day.Run("auth can-i create pods"));
        Assert.Contains("*.*", await day.Run("auth can-i --list"));
        Assert.Contains("admin", await day.Run("auth whoami"));
        Assert.Contains("no", await day.Fail("auth can-i get pods --as=bob", onOutput: true));
        Assert.Contains($"pods is forbidden: User \"bob\" cannot list resource \"pods\" in API group \"\" in the namespace \"{day.Space}\"", await day.Fail("get pods --as=bob"));
        await day.Run("create rolebinding bob --clusterrole=view --user=bob");
        Assert.Contains("yes", await day.Run("auth can-i list pods --as=bob"));
        Assert.Contains("no", await day.Fail("auth can-i list secrets --as=bob", onOutput: true));
        Assert.Contains("configmaps", await day.Run("auth can-i --list --as=bob"));
        Assert.Contains("No resources found", await day.Run("get pods --as=bob", withError: true));
        Assert.Contains("cannot list resource \"pods\"", await day.Fail("get pods -A --as=bob"));
        Assert.Contains("attempting to grant RBAC permissions not currently held",
            await day.Fail("create rolebinding up --clusterrole=cluster-admin --user=bob --as=bob --as-group=makers") + await Escalate(day));
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task A_service_account_has_a_token_and_the_rights_that_are_bound_to_it(string program)
    {
        var day = await StartAsync(program);
        await day.Run("create serviceaccount robot");
        await day.Run("create role reader --verb=get,list --resource=configmaps");
        await day.Run($"create rolebinding robot --role=reader --serviceaccount={day.Space}:robot");
        var token = (await day.Run("create token robot --duration=10m")).Trim();
        Assert.Equal(3, token.Split('.').Length);
        Assert.Contains("kube-root-ca.crt", await day.RunAs(token, "get configmaps"));
        Assert.Contains($"User \"system:serviceaccount:{day.Space}:robot\" cannot list resource \"secrets\"", await day.FailAs(token, "get secrets"));
        Assert.Contains("may not specify a duration less than 10 minutes", await day.Fail("create token robot --duration=1m"));
        await day.Run("delete serviceaccount robot");
        Assert.Contains("Unauthorized", await day.FailAs(token, "get configmaps") is { Length: > 0 } error && error.Contains("must be logged in", StringComparison.Ordinal) ? "Unauthorized" : "still let in");
    }

    private static async Task<string> Escalate(Day day)
    {
        await day.Run("create role binder --verb=create --resource=roles.rbac.authorization.k8s.io,rolebindings.rbac.authorization.k8s.io");
        await day.Run("create rolebinding binder --role=binder --user=bob");
        return await day.Fail("create role more --verb=get --resource=secrets --as=bob");
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Kinds_are_explained_and_what_they_do_not_have_is_refused(string program)
    {
        var day = await StartAsync(program);
        Assert.Contains("containerPort\t<integer> -required-", await day.Run("explain pods.spec.containers.ports"));
        Assert.Contains("maxSurge", await day.Run("explain deployment --recursive"));
        Assert.Contains("metrics", (await day.Fail("top pods")).ToLowerInvariant());
        Assert.Contains("does not exist", await day.Fail("explain pods.spec.nothing"));
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Workloads_of_every_kind_come_up_and_roll(string program)
    {
        var day = await StartAsync(program);
        await day.Apply(Workloads);
        await day.Run("rollout status sts/db --timeout=60s");
        await day.Run("rollout status ds/agent --timeout=60s");
        Assert.Equal("db-0 db-1", string.Join(' ', (await day.Run("get pods -l app=db -o jsonpath={.items[*].metadata.name}")).Split(' ').Order()));
        Assert.Equal("Bound Bound", await day.Run("get pvc -o jsonpath={.items[*].status.phase}"));
        await day.Run("set image sts/db c=db:2");
        await day.Run("rollout status sts/db --timeout=60s");
        Assert.Contains("1", await day.Run("rollout history sts/db"));
        await day.Run("rollout undo sts/db");
        await day.Run("rollout status sts/db --timeout=60s");
        Assert.Equal("db:1", await day.Run("get sts db -o jsonpath={.spec.template.spec.containers[0].image}"));
        Assert.NotEqual("", await day.Run("get endpoints db -o jsonpath={.subsets[0].addresses[0].ip}"));
        Assert.Contains("db-", await day.Run("get endpointslices -l kubernetes.io/service-name=db -o name"));
        Assert.Contains("exceeded quota: small, requested: count/secrets=1, used: count/secrets=0, limited: count/secrets=0", await day.Fail("create secret generic s --from-literal=a=b"));
    }

    private const string Workloads = """
        {"apiVersion":"v1","kind":"List","items":[
         {"apiVersion":"v1","kind":"ResourceQuota","metadata":{"name":"small"},"spec":{"hard":{"count/secrets":"0"}}},
         {"apiVersion":"v1","kind":"Service","metadata":{"name":"db"},"spec":{"clusterIP":"None","selector":{"app":"db"},"ports":[{"port":5432}]}},
         {"apiVersion":"apps/v1","kind":"StatefulSet","metadata":{"name":"db"},"spec":{"serviceName":"db","replicas":2,"selector":{"matchLabels":{"app":"db"}},
          "template":{"metadata":{"labels":{"app":"db"}},"spec":{"containers":[{"name":"c","image":"db:1"}]}},
          "volumeClaimTemplates":[{"metadata":{"name":"data"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}]}},
         {"apiVersion":"apps/v1","kind":"DaemonSet","metadata":{"name":"agent"},"spec":{"selector":{"matchLabels":{"app":"agent"}},
          "template":{"metadata":{"labels":{"app":"agent"}},"spec":{"containers":[{"name":"c","image":"agent:1"}]}}}}]}
        """;

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Objects_are_watched_changed_and_removed(string program)
    {
        var day = await StartAsync(program);
        await day.Run("create configmap c --from-literal=a=b");
        var watching = day.Run("get configmap c -w --output-watch-events --request-timeout=4s -o jsonpath={.type}:{.object.data.a};", mayFail: true);
        for (var i = 0; i < 100 && !watching.IsCompleted; i++)
        {
            // The watch may begin at any of these; what it sees then, it sees in order.
            await day.Run($$$"""patch configmap c --type=merge -p {"data":{"a":"{{{i}}}"}}""");
        }

        var seen = Numbers().Matches(await watching).Select(m => int.Parse(m.Groups[1].Value)).ToList();
        Assert.NotEmpty(seen);
        Assert.Equal(Enumerable.Range(seen[0], seen.Count), seen);

        Assert.Contains("labeled", await day.Run("label configmap c x=y"));
        Assert.Contains("annotated", await day.Run("annotate configmap c x=y"));
        Assert.Contains("x=y", await day.Run("get configmap c --show-labels"));
        Assert.Contains("deleted", await day.Run("delete configmap --all"));
        await day.Run("create serviceaccount last");
        Assert.Contains("deleted", await day.Run($"delete namespace {day.Space} --timeout=50s"));
        Assert.Contains("NotFound", await day.Fail($"get namespace {day.Space}"));
        Assert.Equal("", await day.Run("get serviceaccounts -o name"));
    }

    [GeneratedRegex(@"MODIFIED:(\d+);", RegexOptions.NonBacktracking)]
    private static partial Regex Numbers();

    [GeneratedRegex(" +", RegexOptions.NonBacktracking)]
    private static partial Regex Spaces();

    private async Task<Day> StartAsync(string program)
    {
        Assert.SkipWhen(program.Length == 0, NoKubectl);
        var day = new Day(program, fixture.Server.KubeconfigPath, "day-" + Guid.NewGuid().ToString("N")[..8]);
        await day.Run($"create namespace {day.Space}");
        return day;
    }

    private sealed record Day(string Program, string Kubeconfig, string Space)
    {
        public async Task<string> Run(string command, bool withError = false, bool mayFail = false)
        {
            var (code, output, error) = await RunAsync(command);
            Assert.True(code == 0 || mayFail, $"kubectl {command}: {error}{output}");
            return withError ? output + error : output;
        }

        public async Task Apply(string manifest)
        {
            var (code, output, error) = await Kubectl.RunAsync(Program, Kubeconfig, manifest, "-n", Space, "apply", "-f", "-");
            Assert.True(code == 0, error + output);
        }

        public async Task<string> Fail(string command, bool onOutput = false)
        {
            var (code, output, error) = await RunAsync(command);
            Assert.True(code != 0, $"kubectl {command} did not fail: {output}");
            return onOutput ? output : error;
        }

        /// <summary>As whoever has a token: with a kubeconfig of its own, since the administrator's certificate would win.</summary>
        public async Task<string> RunAs(string token, string command)
        {
            var (code, output, error) = await Kubectl.RunAsync(Program, await Other(token), "", ["-n", Space, .. Words(command)]);
            Assert.True(code == 0, $"kubectl {command}: {error}{output}");
            return output;
        }

        public async Task<string> FailAs(string token, string command)
        {
            var (code, output, error) = await Kubectl.RunAsync(Program, await Other(token), "", ["-n", Space, .. Words(command)]);
            Assert.True(code != 0, $"kubectl {command} did not fail: {output}");
            return error;
        }

        private async Task<string> Other(string token)
        {
            var tree = (YamlMap)JsonText.Read(await File.ReadAllBytesAsync(Kubeconfig));
            var user = YamlMap.Of(("name", "capstan"), ("user", YamlMap.Of(("token", token))));
            var file = Kubeconfig + "." + Guid.NewGuid().ToString("N");
            await File.WriteAllBytesAsync(file, JsonText.WriteBytes(tree.With("users", YamlList.Create([user]))));
            return file;
        }

        private Task<(int Code, string Output, string Error)> RunAsync(string command) =>
            Kubectl.RunAsync(Program, Kubeconfig, "", ["-n", Space, .. Words(command)]);

        // A jsonpath at the end may hold blanks.
        private static string[] Words(string command)
        {
            var path = command.IndexOf("jsonpath={", StringComparison.Ordinal);
            var option = path < 0 ? -1 : command.LastIndexOf(' ', path);
            return option < 0 || command.AsSpan(path).Contains(" --", StringComparison.Ordinal)
                ? command.Split(' ')
                : [.. command[..option].Split(' '), command[(option + 1)..]];
        }
    }
}
