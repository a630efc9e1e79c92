using Capstan.Delivery.Controllers;
using Capstan.Resources;
using Capstan.Testing;
using Capstan.Yaml;

namespace Capstan.Delivery.Tests.Engine;

/// <summary>Repositories on another server, over a real ssh: credentials, outages, and what becomes of the cluster meanwhile.</summary>
public sealed class RemoteTests
{
    private static readonly DeliveryOptions Impatient = new() { PollInterval = TimeSpan.FromSeconds(1) };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static string ConfigMap(string name) => $"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n";

    private static string Said(YamlMap status) => status["conditions"]?.ToString() ?? "";

    [Fact]
    public async Task An_outage_is_named_keeps_the_last_good_state_and_ends_by_itself()
    {
        await using var ground = await Ground.StartAsync(Impatient);
        var folder = Path.Combine(Path.GetDirectoryName(ground.Git.Bare)!, "sshd");
        var server = await SshServer.StartAsync(folder);
        var first = await ground.Git.CommitAsync("Begin", ("deploy/a.yaml", ConfigMap("a")), ("deploy/b.yaml", ConfigMap("b")));
        await RegisterAsync(ground, server, server.ClientKey, server.KnownHosts);
        await ground.CreateApplicationAsync(repoUrl: server.Url(ground.Git.Bare));
        await ground.SyncedAsync(first);

        await server.DisposeAsync();
        var second = await ground.Git.CommitAsync("Without b", ("deploy/b.yaml", null));
        var status = await ground.UntilAsync(s => Said(s).Contains("cannot be reached", StringComparison.Ordinal));
        Assert.Equal("Unknown", status.At("sync", "status")!.AsString());
        Assert.NotNull(await ground.FindAsync("ConfigMap", "a"));
        Assert.NotNull(await ground.FindAsync("ConfigMap", "b"));

        await using var again = await SshServer.StartAsync(folder, server.Port);
        status = await ground.SyncedAsync(second);
        Assert.DoesNotContain("cannot be reached", Said(status), StringComparison.Ordinal);
        await Ground.UntilAsync(async () => await ground.FindAsync("ConfigMap", "b") is null ? "gone" : null);
    }

    [Fact]
    public async Task Credentials_that_are_refused_are_named_and_mended_ones_are_taken()
    {
        await using var ground = await Ground.StartAsync(Impatient);
        await using var server = await SshServer.StartAsync(Path.Combine(Path.GetDirectoryName(ground.Git.Bare)!, "sshd"));
        var commit = await ground.Git.CommitAsync("Begin", ("deploy/a.yaml", ConfigMap("a")));
        await RegisterAsync(ground, server, server.OtherKey, server.WrongKnownHosts);
        await ground.CreateApplicationAsync(repoUrl: server.Url(ground.Git.Bare));
        var status = await ground.UntilAsync(s => Said(s).Contains("the host key is not the known one", StringComparison.Ordinal));
        Assert.DoesNotContain("PRIVATE KEY", Said(status), StringComparison.Ordinal);

        await PatchAsync(ground, "ConfigMap", "argocd-ssh-known-hosts-cm", "data", "ssh_known_hosts", server.KnownHosts);
        status = await ground.UntilAsync(s => Said(s).Contains("the server refuses the credentials", StringComparison.Ordinal));
        Assert.DoesNotContain("PRIVATE KEY", Said(status), StringComparison.Ordinal);
        Assert.Null(await ground.FindAsync("ConfigMap", "a"));

        await PatchAsync(ground, "Secret", "repo", "stringData", "sshPrivateKey", server.ClientKey);
        await ground.SyncedAsync(commit);
        Assert.NotNull(await ground.FindAsync("ConfigMap", "a"));
    }

    [Fact]
    public async Task A_range_of_versions_follows_the_highest_tag_in_it()
    {
        await using var ground = await Ground.StartAsync(Impatient);
        var first = await ground.Git.CommitAsync("One", ("deploy/a.yaml", ConfigMap("a")));
        await ground.Git.TagAsync("v1.0.0", first);
        await ground.CreateApplicationAsync(revision: "1.x");
        await ground.SyncedAsync(first);

        var second = await ground.Git.CommitAsync("Two", ("deploy/b.yaml", ConfigMap("b")));
        await ground.Git.TagAsync("v2.0.0", second);
        await ground.Git.TagAsync("v1.2.0-rc.1", second);
        var third = await ground.Git.CommitAsync("Three", ("deploy/b.yaml", null), ("deploy/c.yaml", ConfigMap("c")));
        await ground.Git.TagAsync("v1.10.0", third);
        await ground.SyncedAsync(third);
        Assert.Null(await ground.FindAsync("ConfigMap", "b"));
    }

    private static async Task RegisterAsync(Ground ground, SshServer server, string key, string knownHosts)
    {
        await ground.Client.CreateAsync(Make.Object($$$"""
            {"apiVersion":"v1","kind":"Secret","metadata":{"name":"repo","namespace":"capstan","labels":{"argocd.argoproj.io/secret-type":"repository"}},
             "stringData":{"url":{{{Quoted(server.Url(ground.Git.Bare))}}},"sshPrivateKey":{{{Quoted(key)}}}}}
            """), cancellation: Cancel);
        await ground.Client.CreateAsync(Make.Object($$$"""
            {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"argocd-ssh-known-hosts-cm","namespace":"capstan"},
             "data":{"ssh_known_hosts":{{{Quoted(knownHosts)}}}}}
            """), cancellation: Cancel);
    }

    private static async Task PatchAsync(Ground ground, string kind, string name, string field, string key, string value)
    {
        var resource = await ground.Client.ResolveAsync(new GroupKind("", kind), Cancel);
        var patch = JsonText.Read($$"""{"{{field}}":{"{{key}}":{{Quoted(value)}}} }""");
        await ground.Client.PatchAsync(resource, "capstan", name, Capstan.Kubernetes.PatchKind.Merge, patch, cancellation: Cancel);
    }

    private static string Quoted(string text) => JsonText.Write(YamlScalar.String(text));
}
