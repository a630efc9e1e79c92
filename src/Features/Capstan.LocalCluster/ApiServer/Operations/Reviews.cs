using Capstan.LocalCluster.ApiServer.Access;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Operations;

/// <summary>Answers the kinds that are questions: who somebody is, and what they may do.</summary>
internal sealed class Reviews(Authorizer authorizer, Authenticator authenticator, AccountAuthenticator accounts)
{
    public YamlMap Answer(Target target, YamlMap question, UserInfo user) => question.With("status", target.Resource.Kind switch
    {
        "SelfSubjectReview" => YamlMap.Of(("userInfo", user.ToTree())),
        "SelfSubjectRulesReview" => Rules(user, question.Text("spec", "namespace")),
        "TokenReview" => Token(question),
        "SelfSubjectAccessReview" => Rights(target, question, user),
        _ => Rights(target, question, new UserInfo(question.Text("spec", "user"), question.Text("spec", "uid"), Texts(question.At("spec", "groups")), UserInfo.NoExtra) { LetIn = false }),
    });

    private YamlMap Rights(Target target, YamlMap question, UserInfo user)
    {
        var spec = question.MapAt("spec");
        var (resource, path) = (spec["resourceAttributes"] as YamlMap, spec["nonResourceAttributes"] as YamlMap);
        if (resource is null == path is null)
        {
            throw ApiErrors.Invalid(target.Resource, "", [FieldProblem.Invalid("spec.resourceAttributes", spec["resourceAttributes"], "exactly one of nonResourceAttributes or resourceAttributes must be specified")]);
        }

        if (target.Resource.Kind == "LocalSubjectAccessReview" && resource?.Text("namespace") != target.Namespace)
        {
            throw ApiErrors.Invalid(target.Resource, "", [FieldProblem.Invalid("spec.resourceAttributes.namespace", resource?["namespace"], "must match metadata.namespace")]);
        }

        resource ??= YamlMap.Empty;
        var request = path is not null
            ? new AccessRequest(path.Text("verb")) { Path = path.Text("path") }
            : new AccessRequest(resource.Text("verb"))
            {
                Group = resource.Text("group"),
                Resource = resource.Text("resource"),
                Subresource = resource.Text("subresource"),
                Namespace = resource.Text("namespace"),
                Name = resource.Text("name"),
            };

        return authorizer.Allows(user, request)
            ? YamlMap.Of(("allowed", true), ("reason", user.IsMaster ? "the group system:masters may do everything" : "RBAC: allowed by a role that is bound to the user"))
            : YamlMap.Of(("allowed", false));
    }

    private YamlMap Rules(UserInfo user, string space)
    {
        if (space.Length == 0)
        {
            throw ApiErrors.BadRequest("no namespace on request");
        }

        var rules = authorizer.RulesOf(user, space).ToList();
        return YamlMap.Of(
            ("resourceRules", new YamlList(rules.Where(r => r.Paths.Count == 0).Select(r => (YamlNode)r.ToTree()))),
            ("nonResourceRules", new YamlList(rules.Where(r => r.Paths.Count > 0).Select(r => (YamlNode)r.ToTree()))),
            ("incomplete", false));
    }

    private YamlMap Token(YamlMap question)
    {
        var token = question.Text("spec", "token");
        var wanted = Texts(question.At("spec", "audiences"));
        if (accounts.Find(token, wanted) is { } account)
        {
            return YamlMap.Of(("authenticated", true), ("user", account.User.ToTree()), ("audiences", new YamlList(account.Audiences.Select(a => (YamlNode)a))));
        }

        return authenticator.OfToken(token, wanted) is { } user
            ? YamlMap.Of(("authenticated", true), ("user", user.ToTree()))
            : YamlMap.Of(("user", YamlMap.Empty), ("error", "invalid bearer token"));
    }

    private static string[] Texts(YamlNode? list) => [.. (list as YamlList ?? YamlList.Empty).Select(i => i.AsString() ?? "")];
}
