using Capstan.Access.Rights;
using Capstan.GitHost.Repositories;
using Capstan.Resources;
using Capstan.Server.Hosting;

namespace Capstan.Server.Guarding;

/// <summary>The names by which rights speak of things.</summary>
internal static class FullNames
{
    /// <returns>Null for a thing that is not there and whose name depends on what it says.</returns>
    public static string? Of(ServerParts parts, ResourceKind kind, string name) => kind switch
    {
        ResourceKind.Applications => parts.Applications.TryGet(name) is { } application ? Of(application) : null,
        ResourceKind.ApplicationSets => parts.Sets.Find(name) is { } set ? OfSet(set) : null,
        // Two spellings of one repository are one name.
        ResourceKind.Repositories => RepositoryName.TryParse(name, out var repository) ? repository.Text : null,
        _ => name,
    };

    /// <summary><c>PROJECT/NAME</c>, with the project as the set's template writes it.</summary>
    public static string OfSet(KubernetesObject set) =>
        $"{(set.Body.At("spec", "template", "spec", "project")?.AsString() is { Length: > 0 } project ? project : "default")}/{set.Name}";

    /// <summary><c>PROJECT/NAME</c></summary>
    public static string Of(KubernetesObject application) => $"{(application.Spec["project"]?.AsString() is { Length: > 0 } project ? project : "default")}/{application.Name}";
}
