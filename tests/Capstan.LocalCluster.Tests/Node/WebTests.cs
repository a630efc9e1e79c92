using System.Collections.Concurrent;
using Capstan.Testing;

namespace Capstan.LocalCluster.Tests.Node;

/// <summary>A web server built from local files: deployed, rolled to a second version without a failed request, rolled back, scaled, killed.</summary>
public sealed class WebTests(PodWorld world) : IClassFixture<PodWorld>
{
    private const string Manifest = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web}
        spec:
          replicas: 2
          strategy: {rollingUpdate: {maxUnavailable: 0, maxSurge: 1}}
          selector: {matchLabels: {app: web}}
          template:
            metadata: {labels: {app: web}}
            spec:
              containers:
              - name: web
                image: localhost/capstan-test/web:1
                command: [httpd, -f, -v, -p, "8080", -h, /www]
                ports: [{name: http, containerPort: 8080}]
                readinessProbe: {httpGet: {port: http, path: /index.html}, periodSeconds: 1}
                lifecycle: {preStop: {sleep: {seconds: 1}}}
              terminationGracePeriodSeconds: 5
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: web}
        spec: {type: NodePort, selector: {app: web}, ports: [{port: 80, targetPort: http}]}
        ---
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: {name: web}
        spec: {rules: [{host: web.example.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: client}
        spec: {containers: [{name: c, image: localhost/capstan-test/busybox:1, command: [sleep, "3600"]}]}
        """;

    [Fact]
    public async Task A_web_server_lives_through_a_working_day()
    {
        Assert.SkipWhen(world.Missing.Length > 0, world.Missing);
        await LoadAsync(1);
        await LoadAsync(2);
        await world.KubectlAsync(Manifest, "apply", "-f", "-");
        await world.KubectlAsync("", "rollout", "status", "deployment/web", "--timeout=55s");
        await world.KubectlAsync("", "wait", "--for=condition=Ready", "pod/client", "--timeout=50s");
        var port = await world.KubectlAsync("", "get", "svc", "web", "-o", "jsonpath={.spec.ports[0].nodePort}");
        var url = $"http://127.0.0.1:{port}/index.html";
        using var http = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero }) { Timeout = TimeSpan.FromSeconds(20) };
        Assert.Equal("version 1\n", await http.GetStringAsync(url, TestContext.Current.CancellationToken));

        // Names of Services within pods, on the Service's port.
        foreach (var name in new[] { "web", "web.default", "web.default.svc.cluster.local" })
        {
            Assert.Equal("version 1\n", await world.KubectlAsync("", "exec", "client", "--", "wget", "-q", "-O", "-", $"http://{name}/index.html"));
        }

        // The API by its name, with the service account's token.
        var api = await world.KubectlAsync("", "exec", "client", "--", "sh", "-c", "nslookup kubernetes.default.svc.cluster.local; cat /var/run/secrets/kubernetes.io/serviceaccount/namespace; wc -c </var/run/secrets/kubernetes.io/serviceaccount/token");
        Assert.Contains(world.ApiAddress, api);

        // By Ingress, on this machine's loopback.
        using (var request = new HttpRequestMessage(HttpMethod.Get, new Uri(world.Server.IngressAddress!, "/index.html")))
        {
            request.Headers.Host = "web.example.com";
            using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal("version 1\n", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }

        using (var elsewhere = await http.GetAsync(world.Server.IngressAddress, TestContext.Current.CancellationToken))
        {
            Assert.Equal(404, (int)elsewhere.StatusCode);
        }

        await world.UntilAsync(text => text == "127.0.0.1", "get", "ingress", "web", "-o", "jsonpath={.status.loadBalancer.ingress[0].ip}");

        // Rolled to a second version under traffic.
        using var stop = new CancellationTokenSource();
        var failures = new ConcurrentQueue<string>();
        var served = 0;
        var traffic = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    await http.GetStringAsync(url, CancellationToken.None);
                    served++;
                }
                catch (HttpRequestException failure)
                {
                    failures.Enqueue(failure.ToString());
                }
            }
        }, CancellationToken.None);
        await world.KubectlAsync("", "set", "image", "deployment/web", "web=localhost/capstan-test/web:2");
        await world.KubectlAsync("", "rollout", "status", "deployment/web", "--timeout=55s");
        await stop.CancelAsync();
        await traffic;
        Assert.Empty(failures);
        Assert.True(served > 10, $"{served} requests");
        Assert.Equal("version 2\n", await http.GetStringAsync(url, TestContext.Current.CancellationToken));

        // Rolled back, scaled, read.
        await world.KubectlAsync("", "rollout", "undo", "deployment/web");
        await world.KubectlAsync("", "rollout", "status", "deployment/web", "--timeout=55s");
        Assert.Equal("version 1\n", await http.GetStringAsync(url, TestContext.Current.CancellationToken));
        await world.KubectlAsync("", "scale", "deployment/web", "--replicas=3");
        await world.UntilAsync(text => text == "3", "get", "deployment", "web", "-o", "jsonpath={.status.readyReplicas}");
        await world.UntilAsync(text => text.Contains("response:200"), "logs", "deployment/web");

        // Killed from outside, it comes back.
        await world.UntilAsync(text => text == "xxx", "get", "pods", "-l", "app=web", "-o", "jsonpath={range .items[*]}{.metadata.deletionTimestamp}x{end}");
        var pod = (await world.KubectlAsync("", "get", "pods", "-l", "app=web", "-o", "jsonpath={.items[0].metadata.name} {.items[0].status.containerStatuses[0].containerID}")).Split(' ');
        await world.Engine.Containers.KillAsync(pod[1].Split("//")[1], "KILL", TestContext.Current.CancellationToken);
        await world.UntilAsync(text => text == "1 true", "get", "pod", pod[0], "-o", "jsonpath={.status.containerStatuses[0].restartCount} {.status.containerStatuses[0].ready}");
    }

    private async Task LoadAsync(int version)
    {
        var archive = BusyboxImage.Archive($"localhost/capstan-test/web:{version}", world.Engine.Images.Architecture, ("www/index.html", System.Text.Encoding.UTF8.GetBytes($"version {version}\n")));
        await world.Engine.Images.LoadAsync(new MemoryStream(archive), TestContext.Current.CancellationToken);
    }
}
