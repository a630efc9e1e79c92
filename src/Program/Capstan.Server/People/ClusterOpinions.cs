using System.Collections.Concurrent;
using Capstan.Access.Rights;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Server.Problems;
using Capstan.Yaml;
using Microsoft.Extensions.Logging;

namespace Capstan.Server.People;

/// <summary>What a cluster of others says to who may do what with the applications of a project: its administrators keep the last word. It is asked by a
/// SubjectAccessReview of the verb on <c>appprojects/PROJECT</c>, subresource <c>applications</c>, and each answer is kept for a while. What was not asked yet
/// is not allowed.</summary>
/// <param name="cluster">The cluster.</param>
/// <param name="space">The namespace of the projects.</param>
/// <param name="projects">The projects that there are.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Where it is told that the cluster cannot be asked.</param>
internal sealed class ClusterOpinions(ClusterClient cluster, string space, Func<IReadOnlyCollection<string>> projects, TimeProvider time, ILogger log)
{
    private const string Every = "";
    private const int AtOnce = 8;
    private const int MostKept = 200_000;
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(1);

    // Long enough that a cluster that is away for a moment shuts nobody out.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);
    private static readonly Verb[] Verbs = Enum.GetValues<Verb>();
    private readonly ConcurrentDictionary<(string Who, Verb Verb, string Project), (bool Allowed, DateTimeOffset At)> _answers = new();

    /// <summary>Whether the cluster has a say about a principal: about people, and not about the administrator, Capstan itself and what it started, nor about roles
    /// of projects, which are objects of the cluster anyway.</summary>
    public static bool Concerns(Principal principal) => principal.Kind == PrincipalKind.User
        && (principal.Name.StartsWith(Principal.LocalPrefix, StringComparison.Ordinal) || principal.Name.StartsWith(Principal.OpenIdPrefix, StringComparison.Ordinal));

    /// <summary>Whether the cluster allows it, as far as it was asked.</summary>
    /// <param name="principal">Who.</param>
    /// <param name="verb">What.</param>
    /// <param name="project">With the applications of which project.</param>
    public bool Allows(Principal principal, Verb verb, string project)
    {
        if (!Concerns(principal)) return true;
        var who = Key(principal);
        return Known(who, verb, Every) || Known(who, verb, project);
    }

    /// <summary>Asks what is not known about a principal, or was long ago.</summary>
    /// <param name="principal">Who.</param>
    /// <param name="verb">What is wanted now.</param>
    /// <param name="project">With the applications of which project; null for those of all.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task AskAsync(Principal principal, Verb verb, string? project, CancellationToken cancellation)
    {
        if (!Concerns(principal)) return;
        var who = Key(principal);
        if (_answers.Count > MostKept) _answers.Clear();
        // 1. What holds for all projects, in which case no single one is asked about.
        await AskAsync(principal, who, [.. Verbs.Select(v => (v, Every))], cancellation).ConfigureAwait(false);
        // 2. What may be seen of any project, and what is wanted of it; and everything about the one that is named.
        Verb[] wanted = [Verb.Get, Verb.List, verb];
        var single = projects().SelectMany(p => wanted.Distinct().Select(v => (Verb: v, Project: p))).Concat(project is null ? [] : Verbs.Select(v => (Verb: v, Project: project)));
        await AskAsync(principal, who, [.. single.Distinct().Where(q => !Known(who, q.Verb, Every))], cancellation).ConfigureAwait(false);
    }

    private Task AskAsync(Principal principal, string who, IReadOnlyList<(Verb Verb, string Project)> questions, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var open = questions.Where(q => !_answers.TryGetValue((who, q.Verb, q.Project), out var known) || now - known.At > Fresh).ToArray();
        return open.Length == 0 ? Task.CompletedTask : Parallel.ForEachAsync(open, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation },
            async (question, stop) => await AskAsync(principal, who, question.Verb, question.Project, stop).ConfigureAwait(false));
    }

    private async Task AskAsync(Principal principal, string who, Verb verb, string project, CancellationToken cancellation)
    {
        var attributes = YamlMap.Of(("group", "argoproj.io"), ("resource", "appprojects"), ("subresource", "applications"), ("namespace", space), ("verb", verb.ToString().ToLowerInvariant()));
        if (project.Length > 0) attributes = attributes.With("name", project);
        var review = new KubernetesObject(YamlMap.Of(
            ("apiVersion", "authorization.k8s.io/v1"), ("kind", "SubjectAccessReview"), ("metadata", YamlMap.Empty),
            ("spec", YamlMap.Of(("user", principal.Name), ("groups", new YamlList(principal.Groups.Select(g => (YamlNode)g))), ("resourceAttributes", attributes)))));
        try
        {
            var answer = await cluster.CreateAsync(review, null, cancellation).ConfigureAwait(false);
            _answers[(who, verb, project)] = (answer.Object.Status["allowed"]?.Equals(YamlScalar.Boolean(true)) == true, time.GetUtcNow());
        }
        catch (Exception e) when (e is KubernetesException or ClusterUnreachableException)
        {
            log.ClusterNotAsked(principal.Name, e.Message);
        }
    }

    private bool Known(string who, Verb verb, string project) => _answers.TryGetValue((who, verb, project), out var known) && known.Allowed && time.GetUtcNow() - known.At <= Longest;

    private static string Key(Principal principal) => $"{principal.Name}\n{string.Join('\n', principal.Groups.Order(StringComparer.Ordinal))}";
}
