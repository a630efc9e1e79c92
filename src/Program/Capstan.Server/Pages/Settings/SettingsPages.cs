using Capstan.Access.Rights;
using Capstan.Api.Tokens;
using Capstan.Delivery.Projects;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Server.Endpoints;
using Capstan.Server.Guarding;
using Capstan.Server.Hosting;
using Capstan.Server.Pages.Slices;
using Capstan.Server.Problems;
using Capstan.Yaml;
using Microsoft.AspNetCore.Http;

namespace Capstan.Server.Pages.Settings;

/// <summary>A project as the list shows it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it says of itself.</param>
/// <param name="Applications">How many applications are in it.</param>
/// <param name="Sources">The repositories that it allows.</param>
/// <param name="Destinations">Where it allows to go.</param>
/// <param name="Roles">Its roles.</param>
public sealed record ProjectRow(string Name, string Description, int Applications, IReadOnlyList<string> Sources, IReadOnlyList<string> Destinations, IReadOnlyList<string> Roles);

/// <summary>The projects.</summary>
/// <param name="Frame">Around it.</param>
/// <param name="Rows">The projects.</param>
public sealed record ProjectsModel(Frame Frame, IReadOnlyList<ProjectRow> Rows);

/// <summary>A binding as the list shows it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Subjects">Who gets it.</param>
/// <param name="Grants">What they get.</param>
public sealed record BindingRow(string Name, IReadOnlyList<string> Subjects, IReadOnlyList<string> Grants);

/// <summary>People and their rights.</summary>
/// <param name="Frame">Around it.</param>
/// <param name="Users">Local users.</param>
/// <param name="Bindings">Who gets what; null for who may not see it.</param>
/// <param name="Problems">What is wrong with bindings.</param>
/// <param name="Made">A user who was just made; null otherwise.</param>
/// <param name="Problem">Why none could be made; empty otherwise.</param>
/// <param name="MayCreate">Whether who looks may make users.</param>
/// <param name="MayDelete">Whether who looks may remove users.</param>
public sealed record PeopleModel(
    Frame Frame, IReadOnlyList<UserInfo> Users, IReadOnlyList<BindingRow>? Bindings, IReadOnlyList<string> Problems, NewUser? Made, string Problem, bool MayCreate, bool MayDelete);

/// <summary>Projects, people and rights.</summary>
internal static class SettingsPages
{
    public static async Task ProjectsAsync(HttpContext http, ServerParts parts)
    {
        var principal = GuardMiddleware.PrincipalOf(http);
        var resource = await parts.Cluster.ResolveAsync(ProjectDesk.Kind, http.RequestAborted).ConfigureAwait(false);
        var counts = parts.Index.All.GroupBy(a => a.Project).ToDictionary(g => g.Key, g => g.Count(), StringComparer.Ordinal);
        var found = new List<KubernetesObject>();
        foreach (var space in ProjectDesk.Namespaces(parts.Settings.AppNamespaces))
        {
            found.AddRange((await parts.Cluster.ListAsync(resource, new ListOptions { Namespace = space }, http.RequestAborted).ConfigureAwait(false)).Items);
        }
        var rows = found.Where(p => parts.Rules.May(principal, Verb.Get, ResourceKind.Projects, p.Name)).OrderBy(p => p.Name, StringComparer.Ordinal).Select(p => Row(p, counts.GetValueOrDefault(p.Name)));
        await PageFrame.ShowAsync(http, Projects.Create(new ProjectsModel(PageFrame.Of(http, parts, "Projects", "Clusters"), [.. rows]))).ConfigureAwait(false);
    }

    public static Task PeopleAsync(HttpContext http, ServerParts parts, NewUser? made, string problem, int status = 200)
    {
        var principal = GuardMiddleware.PrincipalOf(http);
        bool May(Verb verb) => parts.Rules.May(principal, verb, ResourceKind.Users);
        var bindings = parts.Rules.May(principal, Verb.Get, ResourceKind.Instance)
            ? parts.Rules.Bindings.OrderBy(b => b.Name, StringComparer.Ordinal).Select(b => new BindingRow(b.Name, b.Subjects, [.. b.Grants.Select(g => g.ToString())])).ToArray()
            : null;
        return PageFrame.ShowAsync(http, Slices.People.Create(new PeopleModel(
            PageFrame.Of(http, parts, "People", "Clusters") with { Path = "/people" }, [.. parts.Access.Users.Select(u => new UserInfo(u.Principal.Name, u.Principal.Groups))], bindings, bindings is null ? [] : parts.Access.Problems,
            made, problem, May(Verb.Create), May(Verb.Delete))), status);
    }

    public static async Task CreateUserAsync(HttpContext http, ServerParts parts)
    {
        var form = await PageForm.ReadAsync(http).ConfigureAwait(false);
        var groups = (form["groups"].FirstOrDefault() ?? "").Split([' ', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        try
        {
            var made = await UserEndpoints.MakeAsync(http, parts, new CreateUser((form["name"].FirstOrDefault() ?? "").Trim(), groups)).ConfigureAwait(false);
            await PeopleAsync(http, parts, made, "").ConfigureAwait(false);
        }
        catch (RequestProblem e)
        {
            await PeopleAsync(http, parts, null, e.Message, e.Status).ConfigureAwait(false);
        }
    }

    public static async Task DeleteUserAsync(HttpContext http, ServerParts parts)
    {
        var form = await PageForm.ReadAsync(http).ConfigureAwait(false);
        await UserEndpoints.RemoveAsync(http, parts, form["name"].FirstOrDefault() ?? "").ConfigureAwait(false);
        PageFrame.GoTo(http, "/people");
    }

    private static ProjectRow Row(KubernetesObject project, int applications)
    {
        IEnumerable<YamlMap> Maps(string field) => (project.Spec[field] as YamlList ?? YamlList.Empty).OfType<YamlMap>();
        string Text(YamlMap map, string field) => map[field]?.AsString() ?? "";
        return new ProjectRow(project.Name, project.Spec["description"]?.AsString() ?? "", applications, [.. (project.Spec["sourceRepos"] as YamlList ?? YamlList.Empty).Select(s => s.AsString() ?? "")],
            [.. Maps("destinations").Select(d => $"{(Text(d, "name") is { Length: > 0 } name ? name : Text(d, "server"))} {Text(d, "namespace")}")], [.. Maps("roles").Select(r => Text(r, "name"))]);
    }
}
