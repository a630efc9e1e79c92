using Capstan.Delivery.Applications;
using Capstan.Delivery.Comparing;
using Capstan.Delivery.Pausing;
using Capstan.Delivery.Projects.Windows;
using Capstan.Resources;
using Capstan.Sources.Git.Urls;

namespace Capstan.Delivery.Projects;

/// <summary>
/// Whether what an Application is and what it renders to lie within its project. Everything is asked before anything is written
/// (Argo CD, pkg/apis/application/v1alpha1/app_project_types.go).
/// </summary>
/// <param name="project">The project.</param>
internal sealed class ProjectRules(AppProject project)
{
    /// <summary>The keys, by one of which each commit must be signed; none when signatures are not asked for.</summary>
    public IReadOnlyList<string> SignatureKeys => project.SignatureKeys;

    /// <summary>Why the Application may not go to a cluster because of whose that is; null when it may.</summary>
    /// <param name="owner">The project that the cluster's Secret names; empty for none.</param>
    /// <param name="server">The cluster's address.</param>
    public string? ClusterProblem(string owner, string server) => owner.Length > 0 && owner != project.Name
        ? $"cluster {server} belongs to project \"{owner}\" and is not for project \"{project.Name}\""
        : project.OnlyOwnClusters && owner != project.Name
            ? $"cluster {server} is not a cluster of project \"{project.Name}\", which permits only its own (spec.permitOnlyProjectScopedClusters); set project: {project.Name} in the cluster's Secret"
            : null;

    /// <summary>Why the Application itself lies outside; none when it does not.</summary>
    /// <param name="application">The Application.</param>
    /// <param name="server">The address of the cluster that its destination names.</param>
    /// <param name="isControlled">Whether it lives in a namespace of Capstan's own, which needs no permission.</param>
    public IEnumerable<string> Problems(Application application, string server, bool isControlled)
    {
        foreach (var problem in project.Problems)
        {
            yield return $"project \"{project.Name}\": {problem}";
        }

        if (!isControlled && !ProjectPattern.Permit(project.SourceNamespaces, application.Key.Namespace))
        {
            yield return $"Applications of the namespace \"{application.Key.Namespace}\" are not allowed to use project \"{project.Name}\"; name it in the project's spec.sourceNamespaces";
        }

        foreach (var repository in application.Sources.Select(s => s.RepoUrl).Distinct().Where(r => !PermitsSource(r)))
        {
            yield return $"application repo {repository} is not permitted in project \"{project.Name}\"; add it to the project's spec.sourceRepos";
        }

        if (!Permits(application.Destination, server, application.Destination.Namespace))
        {
            yield return $"application destination server \"{server}\" and namespace \"{application.Destination.Namespace}\" do not match any of the allowed destinations in project \"{project.Name}\"";
        }
    }

    /// <summary>The project's name.</summary>
    public string Name => project.Name;

    /// <summary>Whether something may come from a repository.</summary>
    public bool PermitsSource(string repository) =>
        ProjectPattern.Permit(project.SourceRepositories, Normal(repository)) || ProjectPattern.Permit(project.SourceRepositories, repository);

    /// <summary>The rest that a person gave the automation of its Applications; null when there is none.</summary>
    public Pause? Pause => project.Pause;

    /// <summary>What is said of objects that nobody delivers; null when they are not looked for.</summary>
    public OrphanRules? Orphans => project.Orphans;

    /// <summary>The sync windows that are about an Application.</summary>
    public IReadOnlyList<SyncWindow> Windows(Application application, string server) => [.. project.Windows.Where(w => w.Matches(application, server))];

    /// <summary>Why an object may not be written; null when it may.</summary>
    /// <param name="destination">Where the Application goes.</param>
    /// <param name="server">The address of that cluster.</param>
    /// <param name="key">The object.</param>
    public string? Refusal(ApplicationDestination destination, string server, ObjectKey key)
    {
        if (!PermitsKind(key))
        {
            return $"resource {key.GroupKind} is not permitted in project \"{project.Name}\"";
        }

        return key.Namespace.Length > 0 && !Permits(destination, server, key.Namespace)
            ? $"namespace \"{key.Namespace}\" is not permitted in project \"{project.Name}\""
            : null;
    }

    /// <summary>The objects that may not be written, each with its place.</summary>
    public IEnumerable<string> Problems(ApplicationDestination destination, string server, IEnumerable<DesiredObject> objects)
    {
        foreach (var desired in objects)
        {
            if (Refusal(destination, server, desired.Key) is { } refusal)
            {
                yield return $"{desired.Origin}: {desired.Key}: {refusal}; take it out of the source, or let the project allow it";
            }
        }
    }

    private bool PermitsKind(ObjectKey key) => key.Namespace.Length > 0
        ? project.NamespacedAllowed?.Any(k => k.Matches(key)) != false && !project.NamespacedRefused.Any(k => k.Matches(key))
        : project.ClusterAllowed.Any(k => k.Matches(key)) && !project.ClusterRefused.Any(k => k.Matches(key));

    // A refusing entry refuses what all of its parts speak of; an entry may name the cluster by address or by name.
    private bool Permits(ApplicationDestination destination, string server, string space)
    {
        var name = destination.IsOwnCluster ? "in-cluster" : destination.Name;
        var permitted = false;
        foreach (var entry in project.Destinations)
        {
            var cluster = entry.Server?.Matches(server) == true || (name.Length > 0 && entry.Name?.Matches(name) == true);
            var refuses = entry.Namespace.Refuses || entry.Server?.Refuses == true || entry.Name?.Refuses == true;
            if (cluster && entry.Namespace.Matches(space))
            {
                if (refuses)
                {
                    return false;
                }

                permitted = true;
            }
        }

        return permitted;
    }

    private static string Normal(string url) => RepositoryUrl.TryParse(url, out var parsed, out _) ? parsed.Key : url;
}
