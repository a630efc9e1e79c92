using System.Runtime.CompilerServices;
using Capstan.Delivery.Sync;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Comparing;

/// <summary>
/// What an apply would change: the apply is played here, on the live object, by the rules of the API server. So what the server
/// defaulted and what other controllers own is no drift, and a field that left Git is.
/// </summary>
internal sealed class Drift(Func<GroupVersionKind, ObjectSchema> schemas)
{
    private static readonly YamlScalar Hidden = YamlScalar.String("***");
    private static readonly FieldSet Status = FieldSet.Of(FieldPath.Of("status"));
    private static readonly HashSet<string> ServersOwn = new(StringComparer.Ordinal) { "managedFields", "resourceVersion", "generation", "uid", "creationTimestamp" };

    public IReadOnlyList<FieldDifference> Of(DesiredObject desired, KubernetesObject live)
    {
        var schema = schemas(desired.Kind);
        var entries = ManagedFields.ParseOrEmpty(live);
        var taken = FieldTakeover.Entries(entries);

        // The live object may come in another version of its kind, whose fields cannot be merged with these.
        var before = live.ApiVersion == desired.Kind.ApiVersion ? live : live.With(["apiVersion"], desired.Kind.ApiVersion);
        var context = new WriteContext(FieldTakeover.Manager, schema, DateTimeOffset.UnixEpoch) { Reset = Status };
        var config = Normal.Desired(desired.Object);
        if (ServerSideApply.Apply(ManagedFields.Write(before, taken), config, context, force: true) is not ApplyOutcome.Applied applied)
        {
            // The server will say in its own words what is wrong with it.
            return Fallback(config, live);
        }

        var differences = new List<FieldDifference>();
        Walk(applied.Object.Body, before.Body, "", differences, desired.Key.GroupKind.Kind == "Secret");
        return [.. differences.Select(d => WithManager(d, entries))];
    }

    private static List<FieldDifference> Fallback(KubernetesObject config, KubernetesObject live)
    {
        var differences = new List<FieldDifference>();
        Walk(MergePatch.Apply(live.Body, config.Body), live.Body, "", differences, config.Kind == "Secret");
        return differences;
    }

    private static void Walk(YamlNode? wanted, YamlNode? live, string path, List<FieldDifference> differences, bool secret)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (wanted is YamlMap wantedMap && live is YamlMap liveMap)
        {
            foreach (var key in wantedMap.Keys.Union(liveMap.Keys))
            {
                if (!(path == ".metadata" && ServersOwn.Contains(key)) && !(path.Length == 0 && key == "status"))
                {
                    Walk(wantedMap[key], liveMap[key], $"{path}.{key}", differences, secret);
                }
            }
        }
        else if (wanted is YamlList wantedList && live is YamlList liveList && wantedList.Count == liveList.Count)
        {
            for (var i = 0; i < wantedList.Count; i++)
            {
                var name = (wantedList[i] as YamlMap)?["name"]?.AsString();
                Walk(wantedList[i], liveList[i], name is null ? $"{path}[{i}]" : $"{path}[name=\"{name}\"]", differences, secret);
            }
        }
        else if (!Normal.Same(wanted, live, path))
        {
            var hide = secret && (path.StartsWith(".data", StringComparison.Ordinal) || path.StartsWith(".stringData", StringComparison.Ordinal) || path.StartsWith(".metadata.annotations", StringComparison.Ordinal));
            differences.Add(hide
                ? new FieldDifference(path, wanted is null ? null : Hidden, live is null ? null : Hidden)
                : new FieldDifference(path, wanted, live));
        }
    }

    // The live value's author: who else owns exactly this field, the latest first.
    private static FieldDifference WithManager(FieldDifference difference, IReadOnlyList<ManagedEntry> entries)
    {
        if (difference.Live is null || difference.Path.Contains('[', StringComparison.Ordinal))
        {
            return Latest(difference, entries.Where(e => e.Manager != FieldTakeover.Manager && e.Subresource.Length == 0 && OwnsBelow(e, difference.Path)));
        }

        var path = FieldPath.Of(difference.Path[1..].Split('.'));
        return Latest(difference, entries.Where(e => e.Fields.Has(path)));
    }

    private static bool OwnsBelow(ManagedEntry entry, string path) =>
        path.Split('.', StringSplitOptions.RemoveEmptyEntries) is [var first, ..] && !entry.Fields.Below(FieldPath.Of(first.Split('[')[0])).IsEmpty;

    private static FieldDifference Latest(FieldDifference difference, IEnumerable<ManagedEntry> entries) =>
        entries.MaxBy(e => e.Time ?? DateTimeOffset.MinValue) is { } entry ? difference with { Manager = entry.Manager, Since = entry.Time } : difference;
}
