using Capstan.Access.Rights;
using Capstan.Delivery.Projects;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Server.People;

/// <summary>Reads the roles of AppProjects as bindings.</summary>
internal static class ProjectRoles
{
    public static GroupKind Kind => ProjectDesk.Kind.GroupKind;

    /// <returns>The binding of each role, or what is wrong with it.</returns>
    public static IReadOnlyList<(AccessBinding? Binding, string? Problem)> Read(KubernetesObject project) =>
        [.. Maps(project.Spec["roles"]).Select(role => ProjectRole.Read(project.Name, role["name"]?.AsString() ?? "", Texts(role["policies"]), Texts(role["groups"])))];

    /// <summary>The name of the role that a role's token speaks for, as <c>PROJECT/ROLE</c>; null for another principal.</summary>
    public static (string Project, string Role)? Parse(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && slash < text.Length - 1 && text.IndexOf('/', slash + 1) < 0 && !text.Contains(':') ? (text[..slash], text[(slash + 1)..]) : null;
    }

    private static IEnumerable<YamlMap> Maps(YamlNode? list) => (list as YamlList ?? YamlList.Empty).OfType<YamlMap>();

    private static string[] Texts(YamlNode? list) => [.. (list as YamlList ?? YamlList.Empty).Select(t => t.AsString() ?? t.ToString())];
}
