using Capstan.Resources;

namespace Capstan.Delivery.Comparing;

/// <summary>
/// What only the platform repository may write: Capstan's and Argo CD's own kinds, and Capstan's own namespaces. Otherwise whoever may push
/// to an application's repository would become an administrator.
/// </summary>
internal sealed class WriteGuard(IReadOnlySet<string> ownNamespaces)
{
    public IReadOnlyList<string> Problems(IEnumerable<DesiredObject> objects)
    {
        var problems = new List<string>();
        foreach (var desired in objects)
        {
            if (Reason(desired.Key) is { } reason)
            {
                problems.Add($"{desired.Origin}: {desired.Key}: {reason}; only Applications whose sources are the platform repository may. Move the file there");
            }
        }

        return problems;
    }

    /// <summary>Why an object may not be written; null when it may.</summary>
    public string? Reason(ObjectKey key)
    {
        if (key.GroupKind.Group is "argoproj.io" && key.GroupKind.Kind is "Application" or "ApplicationSet" or "AppProject")
        {
            return "this source may not write Argo CD's own kinds";
        }

        if (key.GroupKind.Group == "capstan.dev" || key.GroupKind.Group.EndsWith(".capstan.dev", StringComparison.Ordinal))
        {
            return "this source may not write Capstan's own kinds";
        }

        if (ownNamespaces.Contains(key.Namespace))
        {
            return $"this source may not write into the namespace \"{key.Namespace}\"";
        }

        return key.GroupKind == new GroupKind("", "Namespace") && ownNamespaces.Contains(key.Name)
            ? $"this source may not write the namespace \"{key.Name}\""
            : null;
    }
}
