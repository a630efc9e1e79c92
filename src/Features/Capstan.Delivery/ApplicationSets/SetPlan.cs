using Capstan.Delivery.Applications;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.ApplicationSets;

/// <summary>A live Application beside a set.</summary>
/// <param name="Object">The Application.</param>
/// <param name="Owner">The uid of the object that controls it; empty for none.</param>
/// <param name="IsTracked">Whether another Application keeps it as its source says.</param>
internal sealed record LiveApplication(KubernetesObject Object, string Owner, bool IsTracked)
{
    public bool IsBeingDeleted => Object.DeletionTimestamp is not null;
}

/// <summary>What has to be written so that the live Applications are those that a set makes.</summary>
internal sealed record SetPlan
{
    /// <summary>Applications to create.</summary>
    public IReadOnlyList<KubernetesObject> Creates { get; init; } = [];

    /// <summary>Applications to change, each with a merge patch.</summary>
    public IReadOnlyList<(KubernetesObject Live, YamlMap Patch)> Updates { get; init; } = [];

    /// <summary>Applications to delete.</summary>
    public IReadOnlyList<KubernetesObject> Deletes { get; init; } = [];

    /// <summary>Applications that are not made any more, and are not deleted until a person agrees.</summary>
    public IReadOnlyList<string> Held { get; init; } = [];

    /// <summary>Why some Applications are neither created nor changed.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];
}

/// <summary>Plans the writes of a set. It writes nothing.</summary>
internal static class SetPlanner
{
    // What people and tools write into Applications beside their set.
    private static readonly string[] KeptAnnotations =
    [
        "notified.notifications.argoproj.io", Application.RefreshAnnotation, "argocd.argoproj.io/hydrate", Application.DeletionApprovedAnnotation,
    ];

    private static readonly string[] KeptFinalizers = ["post-delete-finalizer.argocd.argoproj.io", "pre-delete-finalizer.argocd.argoproj.io"];

    /// <summary>Plans.</summary>
    /// <param name="set">The set.</param>
    /// <param name="wanted">What it makes.</param>
    /// <param name="live">The Applications of its namespace, those of the set and those of the names it makes among them.</param>
    /// <param name="heldSince">Since when deletions are held; null when none are.</param>
    /// <param name="problemOf">What is wrong with an Application, beyond its own text; null when nothing is.</param>
    public static SetPlan Plan(
        ApplicationSet set, IReadOnlyList<GeneratedApplication> wanted, IReadOnlyDictionary<string, LiveApplication> live, DateTimeOffset? heldSince, Func<KubernetesObject, string?> problemOf)
    {
        var (creates, updates, problems) = (new List<KubernetesObject>(), new List<(KubernetesObject, YamlMap)>(), new List<string>());
        foreach (var application in wanted)
        {
            var found = live.GetValueOrDefault(application.Name);
            if ((application.Problem ?? problemOf(application.Object) ?? Conflict(set, application, found)) is { } problem)
            {
                problems.Add(problem);
            }
            else if (found is null)
            {
                creates.Add(Owned(set, Rolled(set, application.Object)));
            }
            else if (set.Policy.Updates && !found.IsBeingDeleted && Patch(set, Rolled(set, application.Object), found.Object) is { Count: > 0 } patch)
            {
                updates.Add((found.Object, patch));
            }
        }

        var plan = new SetPlan { Creates = creates, Updates = updates, Problems = problems };
        return set.Policy.Deletes ? WithDeletes(set, plan, wanted, live, heldSince) : plan;
    }

    private static SetPlan WithDeletes(
        ApplicationSet set, SetPlan plan, IReadOnlyList<GeneratedApplication> wanted, IReadOnlyDictionary<string, LiveApplication> live, DateTimeOffset? heldSince)
    {
        var names = wanted.Select(w => w.Name).ToHashSet(StringComparer.Ordinal);
        var own = live.Values.Where(l => l.Owner == set.Object.Uid).OrderBy(l => l.Object.Name, StringComparer.Ordinal).ToList();
        var leaving = own.Where(l => !names.Contains(l.Object.Name)).ToList();
        var staying = leaving.Where(l => !l.IsBeingDeleted).ToList();
        var mayBecomeEmpty = set.Object.Annotation(ApplicationSet.MayEmptyAnnotation) == "true";
        if (!mayBecomeEmpty && SafetyHold.Holds(own.Count, staying.Count) && !(heldSince is { } since && set.IsApproved(since)))
        {
            return plan with { Held = [.. staying.Select(l => l.Object.Name)] };
        }

        if (set is { DeletesInReverse: true, Rolling: { } rolling } && leaving.Count > 0)
        {
            var last = leaving.Max(l => rolling.StepOf(l.Object.Labels));
            staying = [.. staying.Where(l => rolling.StepOf(l.Object.Labels) == last)];
        }

        return plan with { Deletes = [.. staying.Select(l => l.Object)] };
    }

    // An Application of somebody else's that happens to have the name is not taken over: that would hand its objects to whoever writes the set.
    private static string? Conflict(ApplicationSet set, GeneratedApplication application, LiveApplication? found) => found switch
    {
        null => null,
        _ when found.Owner == set.Object.Uid => null,
        { Owner.Length: > 0 } => $"application \"{application.Name}\" is owned by another object already; give one of them another name",
        { IsTracked: true } => $"application \"{application.Name}\" is kept by another Application, which has it in its source; take it out there, or give one of them another name",
        _ => null,
    };

    // In a rollout the set decides when to sync.
    private static KubernetesObject Rolled(ApplicationSet set, KubernetesObject application) =>
        set.Rolling is null || application.Body.At("spec", "syncPolicy", "automated") is null ? application : application.Without("spec", "syncPolicy", "automated");

    private static KubernetesObject Owned(ApplicationSet set, KubernetesObject application) => application.With(["metadata", "ownerReferences"], YamlList.Create(
    [
        YamlMap.Of(
            ("apiVersion", ApplicationSet.Kind.ApiVersion), ("kind", ApplicationSet.Kind.Kind), ("name", set.Object.Name), ("uid", set.Object.Uid),
            ("controller", true), ("blockOwnerDeletion", true)),
    ]));

    /// <summary>The merge patch that makes the live Application what the set says, as far as it is the set's to say.</summary>
    public static YamlMap Patch(ApplicationSet set, KubernetesObject wanted, KubernetesObject live)
    {
        var metadata = live.Metadata.ToBuilder();
        Replace(metadata, "labels", wanted.Labels, live.Labels, set.PreservedLabels.Contains);
        Replace(metadata, "annotations", wanted.Annotations, live.Annotations, key => set.PreservedAnnotations.Contains(key) || IsKept(key));
        string[] finalizers = [.. wanted.Finalizers, .. live.Finalizers.Where(f => KeptFinalizers.Any(f.StartsWith) && !wanted.Finalizers.Contains(f))];
        if (finalizers.Length > 0 || live.Finalizers.Any())
        {
            metadata.Set("finalizers", new YamlList(finalizers.Select(f => (YamlNode)f)));
        }

        if (!(live.Metadata["ownerReferences"] as YamlList ?? YamlList.Empty).OfType<YamlMap>().Any(o => o["uid"]?.AsString() == set.Object.Uid))
        {
            metadata.Set("ownerReferences", Owned(set, wanted).Metadata["ownerReferences"]!);
        }

        var desired = new KubernetesObject(live.Body.With("metadata", metadata.ToMap()).With("spec", wanted.Body["spec"] ?? YamlMap.Empty));
        var (left, right) = set.Ignored.Strip(desired, live);
        return MergePatch.Create(right.Body, left.Body) as YamlMap ?? YamlMap.Empty;
    }

    private static void Replace(YamlMapBuilder metadata, string field, YamlMap wanted, YamlMap live, Func<string, bool> keeps)
    {
        var made = wanted.ToBuilder();
        foreach (var (key, value) in live)
        {
            if (keeps(key) && !wanted.ContainsKey(key))
            {
                made.Set(key, value);
            }
        }

        if (made.Count > 0 || live.Count > 0)
        {
            metadata.Set(field, made.ToMap());
        }
    }

    private static bool IsKept(string annotation) =>
        annotation.StartsWith("capstan.dev/", StringComparison.Ordinal) || KeptAnnotations.Any(k => annotation == k || annotation.StartsWith(k + ".", StringComparison.Ordinal));
}
