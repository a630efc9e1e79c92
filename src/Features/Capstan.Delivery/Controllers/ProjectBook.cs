using System.Collections.Concurrent;
using Capstan.Delivery.Applications;
using Capstan.Delivery.Projects;
using Capstan.Kubernetes;
using Capstan.Resources;

namespace Capstan.Delivery.Controllers;

/// <summary>The projects of the engine's own cluster, read once for each version.</summary>
internal sealed class ProjectBook(LiveCache live, DeliveryOptions options)
{
    private static readonly ProjectRules Open = new(ProjectReader.Read(Bootstrap.CustomResourceDefinitions.DefaultProject("")));

    // Projects count in the engine's own namespaces only: elsewhere whoever writes Applications could write the project for them, too.
    private readonly IReadOnlyList<string> _spaces = [.. options.ApplicationNamespaces.Take(1).Concat(options.OwnNamespaces.Order(StringComparer.Ordinal)).Distinct()];
    private readonly ConcurrentDictionary<string, (string Version, ProjectRules Rules)> _read = new(StringComparer.Ordinal);

    /// <summary>Whether there is a project of a name; true while that cannot be told.</summary>
    public bool Exists(string name) => !live.IsSynced(AppProject.Kind.GroupKind)
        || _spaces.Any(s => live.Find(new ObjectKey(AppProject.Kind.GroupKind, s, name)) is not null);

    /// <summary>The rules of an Application's project.</summary>
    /// <exception cref="ObservationException">There is no such project.</exception>
    /// <exception cref="NotListedYetException">Projects are still being listed.</exception>
    public ProjectRules Of(Application application)
    {
        if (!live.IsSynced(AppProject.Kind.GroupKind))
        {
            // A cluster without that kind has no projects, and so no restrictions.
            return application.Project == "default" && live.Kind(AppProject.Kind.GroupKind).Phase == KindPhase.NotHeld
                ? Open
                : throw new NotListedYetException(new HashSet<GroupKind> { AppProject.Kind.GroupKind });
        }

        foreach (var space in _spaces.OrderBy(n => n == application.Key.Namespace ? 0 : 1))
        {
            if (live.Find(new ObjectKey(AppProject.Kind.GroupKind, space, application.Project)) is { } cached)
            {
                var key = $"{space}/{application.Project}";
                if (!_read.TryGetValue(key, out var known) || known.Version != cached.ResourceVersion)
                {
                    _read[key] = known = (cached.ResourceVersion, new ProjectRules(ProjectReader.Read(cached.Read())));
                }

                return known.Rules;
            }
        }

        throw new ObservationException(new ApplicationCondition(
            ConditionTypes.InvalidSpec, $"Application referencing project {application.Project} which does not exist; make an AppProject of that name in the namespace {_spaces[0]}"));
    }
}
