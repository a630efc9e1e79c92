using System.Globalization;
using Capstan.Delivery.Applications;
using Capstan.Delivery.ApplicationSets;
using Capstan.Delivery.Controllers;
using Capstan.Delivery.Projects;
using Capstan.Delivery.Settings.Argo;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Migrating;

/// <summary>
/// Judges each object of an Argo CD installation by the readers that the engine itself uses, so that the plan can say nothing else than what
/// happens afterwards. Pure.
/// </summary>
public static class MigrationPlanner
{
    private const string Rights = "argocd-rbac-cm";
    private const string Parameters = "argocd-cmd-params-cm";

    // In the order of writing: what others refer to comes first.
    private static readonly string[] Order = ["ConfigMap", "Secret", "AppProject", "ApplicationSet", "Application"];
    private static readonly HashSet<string> Maps = new(StringComparer.Ordinal)
    {
        ArgoSettingsReader.Name, RepositorySecrets.KnownHosts, RepositorySecrets.Certificates, SourceSignatures.GnuPgKeys, "argocd-notifications-cm", Rights, Parameters,
    };

    /// <summary>Whether an object belongs to an installation of Argo CD that can be taken over or spoken of.</summary>
    public static bool Concerns(KubernetesObject @object) => @object.GroupKind switch
    {
        { Group: "argoproj.io", Kind: "Application" or "ApplicationSet" or "AppProject" } => true,
        { Group: "", Kind: "ConfigMap" } => Maps.Contains(@object.Name),
        { Group: "", Kind: "Secret" } => @object.Label(Cluster.SecretTypeLabel) is not null || @object.Name is "argocd-secret" or "argocd-notifications-secret",
        _ => false,
    };

    /// <summary>Judges all objects; those that do not concern are left out.</summary>
    public static MigrationPlan Plan(IEnumerable<MigrationObject> objects) => new([.. objects
        .Where(o => Concerns(o.Object))
        .OrderBy(o => Array.IndexOf(Order, o.Object.Kind)).ThenBy(o => o.Object.Key.ToString(), StringComparer.Ordinal)
        .Select(Judge)]);

    private static MigrationItem Judge(MigrationObject source)
    {
        var found = source.Object;
        return found.Kind switch
        {
            "Application" => OfApplication(source),
            "ApplicationSet" => Item(source, MigrationVerdict.NotSupported, ApplicationSetReader.Read(found).Problems),
            "AppProject" => Item(source, MigrationVerdict.NotSupported, ProjectReader.Read(found).Problems),
            "Secret" => OfSecret(source),
            _ => OfMap(source),
        };
    }

    private static MigrationItem OfApplication(MigrationObject source)
    {
        var problems = ApplicationReader.Read(source.Object).Problems;
        if (problems.Count > 0)
        {
            return Item(source, MigrationVerdict.NotSupported, problems);
        }

        return source.Object.Body["operation"] is YamlMap
            ? Item(source, MigrationVerdict.Differs, [source.File.Length > 0
                ? "operation: a sync was asked for and has not ended; it is not taken along, so ask for it again with \"capstan sync\""
                : "operation: a sync was asked for and has not ended; Capstan runs it"])
            : Item(source, MigrationVerdict.Differs, []);
    }

    private static MigrationItem OfSecret(MigrationObject source)
    {
        var found = source.Object;
        if (found.Name == "argocd-secret")
        {
            return Item(source, MigrationVerdict.Left,
            [
                "data: passwords and signing keys of Argo CD's own sign-in; make users with \"capstan create user\" or name an OpenID provider",
            ]);
        }

        switch (found.Label(Cluster.SecretTypeLabel))
        {
            case "cluster":
                try
                {
                    ClusterSecret.Read(found).Connect();
                    return Item(source, MigrationVerdict.Differs, []);
                }
                catch (ClusterConfigurationException error)
                {
                    return Item(source, MigrationVerdict.NotSupported, [$"data.config: {error.Message}"]);
                }

            case null or "repository" or "repo-creds":
                return Item(source, MigrationVerdict.Differs, []);
            case var other:
                return Item(source, MigrationVerdict.NotSupported, [$"metadata.labels: {Cluster.SecretTypeLabel}: {other} is not served"]);
        }
    }

    private static MigrationItem OfMap(MigrationObject source)
    {
        var data = source.Object.Body["data"] as YamlMap ?? YamlMap.Empty;
        switch (source.Object.Name)
        {
            case ArgoSettingsReader.Name:
                var settings = ArgoSettingsReader.Read(data);
                if (settings.Errors.Count > 0)
                {
                    return Item(source, MigrationVerdict.NotSupported, settings.Errors.Select(e => $"data.{e}"));
                }

                return Item(source, MigrationVerdict.Differs, [.. settings.Warnings.Select(w => $"data.{w}"), .. data.Keys.Where(IsAboutPeople).Select(k =>
                    $"data.{k}: has no effect here; people sign in by --oidc-issuer or as users of Capstan (docs/reference/access.md)")]);
            case Rights:
                return data.Count == 0
                    ? Item(source, MigrationVerdict.Differs, [])
                    : Item(source, MigrationVerdict.Left, data.Keys.Select(k => $"data.{k}: rights are not read from here; roles of projects count, and bindings (docs/reference/access.md)"));
            case Parameters:
                return Item(source, MigrationVerdict.Left, data.Keys.Select(k => k == "application.namespaces"
                    ? $"data.{k}: start Capstan with --app-namespaces and these namespaces"
                    : $"data.{k}: a setting of Argo CD's processes"));
            default:
                return Item(source, MigrationVerdict.Differs, []);
        }
    }

    private static bool IsAboutPeople(string key) => key is "dex.config" or "oidc.config" || key.StartsWith("accounts.", StringComparison.Ordinal);

    private static MigrationItem Item(MigrationObject source, MigrationVerdict verdict, IEnumerable<string> problems)
    {
        var findings = problems.Select(p => $"{PlaceOf(source, p)}: {p}").ToList();
        return new MigrationItem(source, findings.Count == 0 ? MigrationVerdict.Supported : verdict, findings);
    }

    /// <summary>Where the field stands that a problem begins with, or the nearest one above it that is written.</summary>
    private static string PlaceOf(MigrationObject source, string problem)
    {
        var (node, place) = ((YamlNode)source.Object.Body, source.Object.Body.Position);
        foreach (var part in PathOf(problem))
        {
            if (node is YamlMap map && map.FirstOrDefault(e => e.Key == part) is { Value: { } value } entry)
            {
                (node, place) = (value, entry.KeyPosition.IsKnown ? entry.KeyPosition : value.Position);
            }
            else if (node is YamlList list && int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < list.Count)
            {
                (node, place) = (list[index], list[index].Position);
            }
            else
            {
                break;
            }
        }

        return source.File.Length > 0 && place.IsKnown ? $"{source.File}:{place}: {source.Object.Key}" : source.Object.Key.ToString();
    }

    private static string[] PathOf(string problem)
    {
        var end = problem.AsSpan().IndexOfAny(' ', ':', ',');
        var path = (end < 0 ? problem : problem[..end]).Split(['.', '[', ']'], StringSplitOptions.RemoveEmptyEntries);

        // Keys of ConfigMaps hold dots themselves.
        return path is ["data", _, _, ..] ? ["data", string.Join('.', path[1..])] : path;
    }
}
