using System.Diagnostics;
using System.Text.Json.Nodes;
using Capstan.Faults.Tests.Load;

namespace Capstan.Faults.Tests.Checking;

/// <summary>Whether the cluster becomes what Git says, stays quiet then, and lost nothing that was to stay.</summary>
internal sealed class LiveChecks(LoadSettings settings, Api api, TimeSpan limit)
{
    private readonly Dictionary<string, string> _stable = [];

    /// <summary>Waits until every Application is Synced at its head and live equals desired.</summary>
    public async Task<(IReadOnlyList<Violation> Found, TimeSpan Took)> ConvergeAsync(string when, CancellationToken cancellation)
    {
        var started = Stopwatch.StartNew();
        var desired = new List<(string, IReadOnlyDictionary<string, string>)>();
        for (var i = 0; i < LoadSettings.Applications; i++) desired.Add(await DesiredState.ReadAsync(settings, i));
        while (true)
        {
            var open = new List<Violation>();
            for (var i = 0; i < LoadSettings.Applications; i++)
            {
                open.AddRange((await DifferencesAsync(i, desired[i], cancellation)).Select(d => new Violation(Violation.Converges, $"{when}, after {started.Elapsed.TotalSeconds:0.0} s: {d}")));
            }
            if (open.Count == 0 || started.Elapsed > limit) return (open, started.Elapsed);
            await Task.Delay(100, cancellation);
        }
    }

    /// <summary>Objects that no commit ever removed are the same objects as ever.</summary>
    public async Task<IReadOnlyList<Violation>> StableAsync(CancellationToken cancellation)
    {
        var found = new List<Violation>();
        for (var i = 0; i < LoadSettings.Applications; i++)
        {
            for (var s = 0; s < Pusher.Stable; s++)
            {
                var path = $"/api/v1/namespaces/{LoadSettings.NamespaceOf(i)}/configmaps/{LoadSettings.NameOf(i)}-s{s}";
                var uid = (await api.FindAsync(path, cancellation))?["metadata"]?["uid"]?.ToString() ?? "gone";
                if (_stable.TryGetValue(path, out var known) && known != uid) found.Add(new Violation(Violation.PruneSafe, $"{path}: was {known} and is {uid}, though every commit has it"));
                _stable[path] = uid;
            }
        }
        return found;
    }

    /// <summary>What is deleted by hand comes back.</summary>
    public async Task<IReadOnlyList<Violation>> HealAsync(CancellationToken cancellation)
    {
        var (_, objects) = await DesiredState.ReadAsync(settings, 2);
        if (objects.Keys.FirstOrDefault(k => k.Contains("-c", StringComparison.Ordinal)) is not { } victim) return [];
        await api.DeleteAsync($"/api/v1/namespaces/{LoadSettings.NamespaceOf(2)}/configmaps/{victim}", cancellation);
        return (await ConvergeAsync($"{victim} was deleted by hand", cancellation)).Found;
    }

    /// <summary>Three more reconciles of each Application write nothing, and neither does a while without any.</summary>
    public async Task<IReadOnlyList<Violation>> QuietAsync(CancellationToken cancellation)
    {
        await SettleAsync(cancellation);
        var before = await PictureAsync(cancellation);
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < LoadSettings.Applications; i++) await api.PostAsync($"/api/v1/applications/{LoadSettings.NameOf(i)}/refresh", "", cancellation);
            var started = Stopwatch.StartNew();
            while (await RefreshingAsync(cancellation) && started.Elapsed < limit) await Task.Delay(30, cancellation);
        }
        var settled = await SettleAsync(cancellation);
        var after = await PictureAsync(cancellation);
        var found = before.Keys.Union(after.Keys).Where(k => before.GetValueOrDefault(k) != after.GetValueOrDefault(k))
            .Select(k => new Violation(Violation.Quiet, $"{k}: {before.GetValueOrDefault(k)} became {after.GetValueOrDefault(k)} over three reconciles")).ToList();
        if (!settled) found.Add(new Violation(Violation.Quiet, $"the cluster was still written to {limit.TotalSeconds} s after the last request"));
        return found;
    }

    // One second without any write at all: the version of a list is that of the whole store.
    private async Task<bool> SettleAsync(CancellationToken cancellation)
    {
        var (started, since, last) = (Stopwatch.StartNew(), Stopwatch.StartNew(), "");
        while (started.Elapsed < limit)
        {
            var version = (await api.GetAsync("/api/v1/namespaces/default/configmaps", cancellation))["metadata"]!["resourceVersion"]!.ToString();
            if (version != last) (last, since) = (version, Stopwatch.StartNew());
            else if (since.Elapsed > TimeSpan.FromSeconds(1)) return true;
            await Task.Delay(50, cancellation);
        }
        return false;
    }

    private async Task<bool> RefreshingAsync(CancellationToken cancellation)
    {
        var all = (await api.GetAsync("/apis/argoproj.io/v1alpha1/namespaces/capstan/applications", cancellation))["items"]!.AsArray();
        return all.Any(a => a!["metadata"]!["annotations"]?["argocd.argoproj.io/refresh"] is not null && IsOurs(a));
    }

    private static bool IsOurs(JsonNode application) => application["metadata"]!["name"]!.ToString().StartsWith("app", StringComparison.Ordinal);

    private async Task<Dictionary<string, string>> PictureAsync(CancellationToken cancellation)
    {
        var picture = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in (string[])["/api/v1/namespaces/shared/configmaps", "/api/v1/namespaces/own/configmaps", "/apis/apps/v1/deployments", "/api/v1/pods"])
        {
            foreach (var item in (await api.GetAsync(path, cancellation))["items"]!.AsArray()) picture[$"{path}/{item!["metadata"]!["name"]}"] = item["metadata"]!["resourceVersion"]!.ToString();
        }
        foreach (var item in (await api.GetAsync("/apis/argoproj.io/v1alpha1/namespaces/capstan/applications", cancellation))["items"]!.AsArray().Where(a => IsOurs(a!)))
        {
            picture[$"status of {item!["metadata"]!["name"]}"] = item["status"]?.ToJsonString() ?? "";
        }
        return picture;
    }

    private async Task<IReadOnlyList<string>> DifferencesAsync(int application, (string Commit, IReadOnlyDictionary<string, string> Objects) wanted, CancellationToken cancellation)
    {
        var (name, space) = (LoadSettings.NameOf(application), LoadSettings.NamespaceOf(application));
        var (commit, desired) = wanted;
        var status = (await api.FindAsync($"/apis/argoproj.io/v1alpha1/namespaces/capstan/applications/{name}", cancellation))?["status"];
        var sync = status?["sync"];
        var live = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var item in (await api.GetAsync($"/api/v1/namespaces/{space}/configmaps", cancellation))["items"]!.AsArray()) live[item!["metadata"]!["name"]!.ToString()] = item["data"]?["value"]?.ToString() ?? "";
        foreach (var item in (await api.GetAsync($"/apis/apps/v1/namespaces/{space}/deployments", cancellation))["items"]!.AsArray()) live[item!["metadata"]!["name"]!.ToString()] = item["spec"]!["replicas"]!.ToString();
        var differences = desired.Keys.Union(live.Keys.Where(k => k.StartsWith(name + "-", StringComparison.Ordinal)))
            .Where(k => desired.GetValueOrDefault(k) != live.GetValueOrDefault(k))
            .Select(k => $"{space}/{k} should be {desired.GetValueOrDefault(k) ?? "gone"} and is {live.GetValueOrDefault(k) ?? "gone"}").ToList();
        if (sync?["status"]?.ToString() != "Synced" || sync["revision"]?.ToString() != commit)
        {
            differences.Add($"{name} is {sync?["status"]} at {sync?["revision"]} instead of Synced at {commit}: {status?["conditions"]?.ToJsonString()} {status?["operationState"]?["message"]}");
        }
        return differences;
    }
}
