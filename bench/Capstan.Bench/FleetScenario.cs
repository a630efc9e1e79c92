using System.Diagnostics;
using System.Globalization;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Bench;

/// <summary>Many applications of five objects from one repository, against the bare cost of writing the same objects, and against kubectl.</summary>
internal sealed class FleetScenario : IScenario
{
    public string Name => "fleet";

    public string Title => "many applications of five objects from one repository";

    public async Task RunAsync(BenchOptions options, CancellationToken cancellation)
    {
        var (bare, bareTime) = await BareAsync(options, cancellation);
        Figures.Seconds($"{options.Applications * 5} server-side applies by the bare client, {BenchOptions.Concurrency} at once", bare);
        if (options.Kubectl.Length == 0)
        {
            Figures.Print("kubectl apply --server-side", "not measured: no --kubectl was given");
        }

        await using var server = await Server.StartAsync(options, cancellation);
        using var tree = await Fleet.PushAsync(server, options, cancellation);
        var before = (Revision: await RevisionAsync(server.Client, cancellation), Time: server.ProcessorTime());
        var clock = Stopwatch.StartNew();
        await Fleet.CreateAsync(server, options, cancellation);
        var created = clock.Elapsed;
        await Fleet.SettledAsync(server.Client, options, healthy: false, cancellation);
        var synced = clock.Elapsed;
        Figures.Seconds("applications created", created);
        Figures.Seconds("… until all are Synced", synced);
        if (options.Kubeconfig.Length == 0)
        {
            await Fleet.SettledAsync(server.Client, options, healthy: true, cancellation);
            Figures.Seconds("… until all are Synced and Healthy", clock.Elapsed);
        }

        Figures.Ratio("applications / bare client", clock.Elapsed, bare, "≤ 1.3×");
        var written = await RevisionAsync(server.Client, cancellation);
        var used = server.ProcessorTime() - before.Time;
        Figures.Print("for each application: writes to the cluster by everyone", string.Create(
            CultureInfo.InvariantCulture, $"{(double)(written - before.Revision) / options.Applications:F1}"));
        if (options.Kubeconfig.Length == 0)
        {
            Figures.Print("processor time of the server for each application: engine, bare client", string.Create(
                CultureInfo.InvariantCulture, $"{used.TotalMilliseconds / options.Applications:F1} ms, {bareTime.TotalMilliseconds / options.Applications:F1} ms"));
        }
        else
        {
            Figures.Print("processor time of the engine for each application", string.Create(CultureInfo.InvariantCulture, $"{used.TotalMilliseconds / options.Applications:F1} ms"));
        }

        await OneChangeAsync(server, tree, options, cancellation);
        await KubectlAsync(server, tree, options, synced, cancellation);
        await IdleAsync(server, cancellation);
    }

    private static async Task<(TimeSpan Applied, TimeSpan Processor)> BareAsync(BenchOptions options, CancellationToken cancellation)
    {
        await using var server = await Server.StartAsync(options, cancellation);
        var ns = new KubernetesObject(YamlMap.Of(("apiVersion", "v1"), ("kind", "Namespace"), ("metadata", YamlMap.Of(("name", "bare")))));
        var apply = new ApplyOptions { Force = true };
        await server.Client.ApplyAsync(ns, apply, cancellation);
        var objects = Fleet.Names(options).SelectMany(Objects).ToList();
        var before = server.ProcessorTime();
        var clock = Stopwatch.StartNew();
        await Fleet.EachAsync(objects, o => server.Client.ApplyAsync(o.WithNamespace("bare"), apply, cancellation));
        var applied = clock.Elapsed;
        if (options.Kubeconfig.Length == 0)
        {
            Figures.Seconds("… until all Deployments of the bare client are available", await AvailableAsync(server.Client, options, clock, cancellation));
        }

        // With the pods, as the engine's figure has them.
        return (applied, server.ProcessorTime() - before);
    }

    private static async Task<TimeSpan> AvailableAsync(ClusterClient client, BenchOptions options, Stopwatch clock, CancellationToken cancellation)
    {
        var deployments = await client.ResolveAsync(new GroupKind("apps", "Deployment"), cancellation);
        while (true)
        {
            var listed = await client.ListAsync(deployments, new ListOptions { Namespace = "bare" }, cancellation);
            if (listed.Items.Count(d => d.Status.At("availableReplicas") is not null) == options.Applications)
            {
                return clock.Elapsed;
            }

            await Task.Delay(100, cancellation);
        }
    }

    private static IEnumerable<KubernetesObject> Objects(string name) =>
        YamlText.ReadAll(System.Text.Encoding.UTF8.GetBytes(ApplicationObjects.Service(name))).OfType<YamlMap>().Select(d => new KubernetesObject(d));

    // The cluster's newest version counts the writes, on LocalCluster as with etcd.
    private static async Task<long> RevisionAsync(ClusterClient client, CancellationToken cancellation)
    {
        var namespaces = await client.ResolveAsync(new GroupKind("", "Namespace"), cancellation);
        var listed = await client.ListAsync(namespaces, new ListOptions(), cancellation);
        return long.Parse(listed.ResourceVersion, CultureInfo.InvariantCulture);
    }

    private static async Task OneChangeAsync(Server server, WorkTree tree, BenchOptions options, CancellationToken cancellation)
    {
        var name = Fleet.ChangeOne(tree, options);
        await tree.CommitAsync("Change one", cancellation);
        var before = server.ProcessorTime();
        var clock = Stopwatch.StartNew();
        await tree.PushAsync(cancellation);
        var resource = await server.Client.ResolveAsync(new GroupKind("", "ConfigMap"), cancellation);
        while ((await server.Client.GetAsync(resource, Fleet.Space, name, cancellation)).Body.At("data", "LOG_LEVEL")?.AsString() != "debug")
        {
            await Task.Delay(5, cancellation);
        }

        var arrived = clock.Elapsed;
        await Task.Delay(TimeSpan.FromSeconds(3), cancellation);
        Figures.Print("one file changed: push → applied; processor time in the 3 s around it", string.Create(
            CultureInfo.InvariantCulture, $"{arrived.TotalMilliseconds:F0} ms; {(server.ProcessorTime() - before).TotalMilliseconds:F0} ms"));
    }

    private static async Task KubectlAsync(Server server, WorkTree tree, BenchOptions options, TimeSpan synced, CancellationToken cancellation)
    {
        if (options.Kubectl.Length == 0)
        {
            return;
        }

        await Programs.RunAsync(options.Kubectl, ["--kubeconfig", server.Kubeconfig, "create", "namespace", "by-hand"], cancellation: cancellation);
        var clock = Stopwatch.StartNew();
        await Programs.RunAsync(
            options.Kubectl,
            ["--kubeconfig", server.Kubeconfig, "apply", "--server-side", "--namespace", "by-hand", "--recursive", "-f", Path.Combine(tree.Folder, "apps")],
            cancellation: cancellation);
        Figures.Seconds("kubectl apply --server-side of the same files", clock.Elapsed);
        Figures.Ratio("applications until Synced / kubectl", synced, clock.Elapsed, "≤ 0.5×");
    }

    private static async Task IdleAsync(Server server, CancellationToken cancellation)
    {
        await Task.Delay(TimeSpan.FromSeconds(10), cancellation);
        var before = server.ProcessorTime();
        await Task.Delay(TimeSpan.FromSeconds(10), cancellation);
        var share = (server.ProcessorTime() - before) / TimeSpan.FromSeconds(10);
        Figures.Print("idle: memory, processor", string.Create(CultureInfo.InvariantCulture, $"{server.ResidentMegabytes():F0} MiB, {share:P1} of a core"));
    }
}
