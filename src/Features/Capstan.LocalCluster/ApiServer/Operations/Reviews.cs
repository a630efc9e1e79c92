using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Operations;

/// <summary>Answers the kinds that are questions. There is one administrator, who may do everything.</summary>
internal static class Reviews
{
    public const string Administrator = "admin";

    private const string AdministratorOnly = "this server knows the rights of the administrator only";

    private static readonly YamlList Authenticated = ["system:authenticated"];
    private static readonly YamlList Groups = ["system:masters", "system:authenticated"];

    public static YamlMap Answer(Target target, YamlMap question, string user) => question.With("status", target.Resource.Kind switch
    {
        "SelfSubjectReview" => YamlMap.Of(("userInfo", YamlMap.Of(("username", user), ("groups", user == Administrator ? Groups : Authenticated)))),
        "SelfSubjectRulesReview" when user != Administrator => YamlMap.Of(
            ("resourceRules", YamlList.Empty), ("nonResourceRules", YamlList.Empty), ("incomplete", true), ("evaluationError", AdministratorOnly)),
        "SelfSubjectRulesReview" => YamlMap.Of(
            ("resourceRules", YamlList.Create([YamlMap.Of(("verbs", Everything()), ("apiGroups", Everything()), ("resources", Everything()))])),
            ("nonResourceRules", YamlList.Create([YamlMap.Of(("verbs", Everything()), ("nonResourceURLs", Everything()))])),
            ("incomplete", false)),
        "TokenReview" => YamlMap.Of(("authenticated", false), ("error", "tokens of service accounts are not issued by this server")),
        "SelfSubjectAccessReview" => Rights(user),
        _ => Rights(question.Text("spec", "user")),
    });

    // Rights of others than the administrator are not evaluated, so they are denied.
    private static YamlMap Rights(string user) => user == Administrator
        ? YamlMap.Of(("allowed", true), ("reason", "the administrator may do everything"))
        : YamlMap.Of(("allowed", false), ("reason", AdministratorOnly));

    private static YamlList Everything() => ["*"];
}
