using Capstan.LocalCluster.ApiServer.Catalog;

namespace Capstan.LocalCluster.ApiServer.Access;

/// <summary>What somebody wants to do: to a resource, or (with <see cref="Path"/>) to a path that is none.</summary>
internal sealed record AccessRequest(string Verb)
{
    public string Group { get; init; } = "";

    public string Resource { get; init; } = "";

    public string Subresource { get; init; } = "";

    public string Namespace { get; init; } = "";

    public string Name { get; init; } = "";

    /// <summary>The path of a request that is about no resource; null otherwise.</summary>
    public string? Path { get; init; }

    /// <summary>The resource with its subresource, as rules name it.</summary>
    public string Qualified => Subresource.Length == 0 ? Resource : $"{Resource}/{Subresource}";

    public static AccessRequest To(string verb, ServedResource resource, string space, string name) =>
        new(verb) { Group = resource.Group, Resource = resource.Plural, Namespace = space, Name = name };

    /// <summary>The refusal, in the words of Kubernetes' authorization filter.</summary>
    public ApiStatusException Refuse(UserInfo user)
    {
        if (Path is not null)
        {
            return new ApiStatusException(403, ApiReasons.Forbidden, $"forbidden: User \"{user.Name}\" cannot {Verb} path \"{Path}\"", Yaml.YamlMap.Empty);
        }

        var where = Namespace.Length == 0 ? "at the cluster scope" : $"in the namespace \"{Namespace}\"";
        var what = Group.Length == 0 ? Resource : $"{Resource}.{Group}";
        var details = Yaml.YamlMap.Of(("name", Name), ("group", Group), ("kind", Resource));
        details = Name.Length == 0 ? details.Without("name") : details;
        return new ApiStatusException(403, ApiReasons.Forbidden,
            $"{what}{(Name.Length == 0 ? "" : $" \"{Name}\"")} is forbidden: User \"{user.Name}\" cannot {Verb} resource \"{Qualified}\" in API group \"{Group}\" {where}",
            Group.Length == 0 ? details.Without("group") : details);
    }
}
