using System.Text.RegularExpressions;
using Capstan.Delivery.Applications;
using Capstan.Delivery.ApplicationSets.Hosting;

namespace Capstan.Delivery.ApplicationSets.Generators;

/// <summary>Reads what the generators of hosting services have in common.</summary>
internal static class HostingFields
{
    private static readonly string[] NotServed = ["gitlab", "bitbucket", "bitbucketServer", "azureDevOps", "azuredevops", "awsCodeCommit"];

    /// <summary>Which service the entry names, and a reader of its fields.</summary>
    public static (HostingKind Kind, FieldReader Fields) Service(GeneratorCall call, FieldReader fields, bool withOwn)
    {
        foreach (var field in NotServed)
        {
            if (fields.Map.ContainsKey(field))
            {
                throw new SetException($"{call.Path}.{field} is not supported yet; github and gitea (and Forgejo, by gitea) are", SetConditions.InvalidSpec);
            }
        }

        if (fields.Inner("github") is { } github)
        {
            return (HostingKind.GitHub, github);
        }

        if (fields.Inner("gitea") is { } gitea)
        {
            return (HostingKind.Gitea, gitea);
        }

        return withOwn && fields.Inner("capstan") is { } own
            ? (HostingKind.Own, own)
            : throw new SetException($"{call.Path} names no service: github or gitea{(withOwn ? ", or capstan for this server's own repositories" : "")}", SetConditions.InvalidSpec);
    }

    /// <summary>The service with its address and token.</summary>
    public static HostingService Access(GeneratorCall call, HostingKind kind, FieldReader service)
    {
        var api = service.Text("api");
        if (service.Map.ContainsKey("appSecretName"))
        {
            throw new SetException($"{call.Path}.github.appSecretName: GitHub Apps are not supported yet; use tokenRef", SetConditions.InvalidSpec);
        }

        if (kind == HostingKind.Gitea && api.Length == 0)
        {
            throw new SetException($"{call.Path}.gitea.api is missing", SetConditions.InvalidSpec);
        }

        var token = kind == HostingKind.Own ? null : service.Inner("tokenRef");
        var (secret, key) = (token?.RequiredText("secretName") ?? "", token?.RequiredText("key") ?? "");
        if (kind == HostingKind.Gitea && service.Flag("insecure"))
        {
            service.Problem($"{call.Path}.gitea.insecure: certificates are always checked; have the service's authority trusted by this machine");
        }

        service.RefuseTheRest("is not supported");
        return new HostingService(kind, api, secret, key);
    }

    /// <summary>A regular expression of a filter; null where there is none.</summary>
    public static Regex? Pattern(GeneratorCall call, string field, string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        try
        {
            return new Regex(text, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)
        {
            throw new SetException($"{call.Path}.filters.{field}: error compiling regexp \"{text}\": {error.Message}", SetConditions.InvalidSpec, inner: error);
        }
    }

    public static string Short(string commit, int length) => commit.Length > length ? commit[..length] : commit;
}
