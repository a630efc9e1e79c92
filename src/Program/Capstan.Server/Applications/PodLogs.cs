using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;
using Capstan.Access.Secrets;
using Capstan.Api.Applications;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Server.Hosting;
using Capstan.Server.Problems;
using Capstan.Yaml;

namespace Capstan.Server.Applications;

/// <summary>The logs of all containers of a workload's pods together. What the application's Secrets hold is masked in them.</summary>
/// <param name="parts">The server.</param>
/// <param name="application">The application.</param>
/// <param name="wanted">The object whose pods are meant, as the tree names it; empty for all of the application.</param>
/// <param name="search">Only lines with this text; all where it is empty.</param>
internal sealed class PodLogs(ServerParts parts, KubernetesObject application, string wanted, string search)
{
    private const int MostContainers = 50;
    private const int MostSecrets = 50;
    private const int ShortestSecret = 6;
    private const int MostWaiting = 2000;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(3);
    private static readonly GroupKind PodKind = new("", "Pod");

    private sealed record Source(string Space, string Pod, string Container, string Identity);

    /// <summary>The objects of an application that have pods beneath them, as the tree names them.</summary>
    public static IReadOnlyList<string> Workloads(TreeNode tree)
    {
        var found = new List<string>();
        var next = new Queue<TreeNode>(tree.Children);
        while (next.TryDequeue(out var node))
        {
            if (PodsOf(node).Any()) found.Add(node.Object);
            foreach (var child in node.Children) next.Enqueue(child);
        }
        return found;
    }

    /// <summary>The last lines of each container, in the order of their time.</summary>
    /// <param name="tail">How many of each container at most.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<PodLogReport> ReadAsync(int tail, CancellationToken cancellation)
    {
        var redactor = await RedactorAsync(cancellation).ConfigureAwait(false);
        var (lines, problems) = (new List<(DateTimeOffset At, PodLine Line)>(), new List<string>());
        foreach (var source in await SourcesAsync(cancellation).ConfigureAwait(false))
        {
            try
            {
                await foreach (var text in parts.Cluster.LogsAsync(source.Space, source.Pod, new LogOptions { Container = source.Container, Tail = tail, Timestamps = true }, cancellation).ConfigureAwait(false))
                {
                    var line = Read(source, text, redactor);
                    if (Fits(line)) lines.Add((Time(line.At), line));
                }
            }
            catch (Exception e) when (e is KubernetesException or ClusterUnreachableException)
            {
                problems.Add($"Pod/{source.Space}/{source.Pod}: {source.Container}: {e.Message}");
            }
        }
        return new PodLogReport(application.Name, [.. lines.OrderBy(l => l.At).Select(l => l.Line)], problems);
    }

    /// <summary>The lines that come, of the pods that are there and of those that come.</summary>
    public async IAsyncEnumerable<PodLine> FollowAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var redactor = await RedactorAsync(cancellation).ConfigureAwait(false);
        var channel = Channel.CreateBounded<PodLine>(MostWaiting);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var looking = LookAsync(channel.Writer, redactor, ending.Token);
        try
        {
            await foreach (var line in channel.Reader.ReadAllAsync(ending.Token).ConfigureAwait(false)) yield return line;
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            await looking.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task LookAsync(ChannelWriter<PodLine> writer, Redactor redactor, CancellationToken cancellation)
    {
        var reading = new Dictionary<string, Task>(StringComparer.Ordinal);
        var first = true;
        try
        {
            while (true)
            {
                foreach (var source in await SourcesAsync(cancellation).ConfigureAwait(false))
                {
                    // What was there at the beginning stands on the page already; what comes later is new from its first line.
                    if (reading.Count < MostContainers * 4 && !reading.ContainsKey(source.Identity)) reading[source.Identity] = FollowAsync(source, first ? 0 : null, writer, redactor, cancellation);
                }
                first = false;
                await Task.Delay(BetweenLooks, parts.Time, cancellation).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            writer.TryComplete(e);
        }
        finally
        {
            await Task.WhenAll(reading.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            writer.TryComplete();
        }
    }

    private async Task FollowAsync(Source source, int? tail, ChannelWriter<PodLine> writer, Redactor redactor, CancellationToken cancellation)
    {
        try
        {
            var options = new LogOptions { Container = source.Container, Follow = true, Tail = tail, Timestamps = true };
            await foreach (var text in parts.Cluster.LogsAsync(source.Space, source.Pod, options, cancellation).ConfigureAwait(false))
            {
                var line = Read(source, text, redactor);
                if (Fits(line)) await writer.WriteAsync(line, cancellation).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is KubernetesException or ClusterUnreachableException)
        {
            await writer.WriteAsync(new PodLine("", $"{source.Space}/{source.Pod}", source.Container, $"##[warning]{e.Message}"), cancellation).ConfigureAwait(false);
        }
    }

    private async Task<IReadOnlyList<Source>> SourcesAsync(CancellationToken cancellation)
    {
        var tree = parts.Reports.Tree(application);
        var root = wanted.Length == 0 ? tree : Find(tree, wanted) ?? throw RequestProblem.NotFound($"{wanted}: is no object of application {application.Name}, or it", $"`capstan tree {application.Name}` lists all");
        var sources = new List<Source>();
        foreach (var pod in PodsOf(root).DistinctBy(p => p.Object))
        {
            var words = pod.Object.Split('/');
            if (words.Length != 3 || sources.Count >= MostContainers) continue;
            if (await parts.Cluster.FindAsync(new ObjectKey(PodKind, words[1], words[2]), cancellation).ConfigureAwait(false) is not { } found) continue;
            foreach (var container in (found.Spec["containers"] as YamlList ?? YamlList.Empty).OfType<YamlMap>())
            {
                var name = container["name"]?.AsString() ?? "";
                var status = (found.Status["containerStatuses"] as YamlList ?? YamlList.Empty).OfType<YamlMap>().FirstOrDefault(c => c["name"]?.AsString() == name);
                sources.Add(new Source(words[1], words[2], name, $"{found.Metadata["uid"]?.AsString()}/{name}/{status?["restartCount"]}"));
            }
        }
        return [.. sources.Take(MostContainers)];
    }

    private async Task<Redactor> RedactorAsync(CancellationToken cancellation)
    {
        var secrets = new List<SecretText>();
        foreach (var key in parts.Reports.Keys(application).Where(k => k.GroupKind == new GroupKind("", "Secret")).Take(MostSecrets))
        {
            if (await parts.Cluster.FindAsync(key, cancellation).ConfigureAwait(false) is not { } secret) continue;
            foreach (var (_, value) in secret.Body["data"] as YamlMap ?? YamlMap.Empty)
            {
                // A value of a few letters stands in every log; hiding it would hide the log.
                if (Decode(value.AsString()) is { } text && text.Length >= ShortestSecret) secrets.Add(new SecretText(text));
            }
        }
        return new Redactor(secrets);
    }

    private static string? Decode(string? base64)
    {
        var bytes = new byte[base64?.Length ?? 0];
        return base64 is not null && Convert.TryFromBase64String(base64, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length).Trim() : null;
    }

    private static TreeNode? Find(TreeNode root, string name)
    {
        var next = new Queue<TreeNode>([root]);
        while (next.TryDequeue(out var node))
        {
            if (node.Object == name) return node;
            foreach (var child in node.Children) next.Enqueue(child);
        }
        return null;
    }

    private static IEnumerable<TreeNode> PodsOf(TreeNode root)
    {
        var next = new Queue<TreeNode>([root]);
        while (next.TryDequeue(out var node))
        {
            if (node.Object.StartsWith("Pod/", StringComparison.Ordinal)) yield return node;
            foreach (var child in node.Children) next.Enqueue(child);
        }
    }

    private bool Fits(PodLine line) => search.Length == 0 || line.Text.Contains(search, StringComparison.OrdinalIgnoreCase);

    private static PodLine Read(Source source, string text, Redactor redactor)
    {
        var space = text.IndexOf(' ', StringComparison.Ordinal);
        var stamped = space > 0 && DateTimeOffset.TryParse(text.AsSpan(0, space), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _);
        return new PodLine(stamped ? text[..space] : "", $"{source.Space}/{source.Pod}", source.Container, redactor.Redact(stamped ? text[(space + 1)..] : text));
    }

    private static DateTimeOffset Time(string at) => DateTimeOffset.TryParse(at, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : DateTimeOffset.MinValue;
}
