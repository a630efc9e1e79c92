using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Operations;

/// <summary>Answers the kinds that are questions. There is one administrator, who may do everything.</summary>
internal static class Reviews
{
    public const string Administrator = "admin";

    private static readonly YamlList Groups = ["system:masters", "system:authenticated"];

    public static YamlMap Answer(Target target, YamlMap question) => question.With("status", target.Resource.Kind switch
    {
        "SelfSubjectReview" => YamlMap.Of(("userInfo", YamlMap.Of(("username", Administrator), ("groups", Groups)))),
        "SelfSubjectRulesReview" => YamlMap.Of(
            ("resourceRules", YamlList.Create([YamlMap.Of(("verbs", Everything()), ("apiGroups", Everything()), ("resources", Everything()))])),
            ("nonResourceRules", YamlList.Create([YamlMap.Of(("verbs", Everything()), ("nonResourceURLs", Everything()))])),
            ("incomplete", false)),
        "TokenReview" => YamlMap.Of(("authenticated", false), ("error", "tokens of service accounts are not issued by this server")),
        "SelfSubjectAccessReview" => YamlMap.Of(("allowed", true), ("reason", "the administrator may do everything")),
        _ => Other(question),
    });

    // Rights of others than the administrator are not evaluated, so they are denied.
    private static YamlMap Other(YamlMap question) => question.Text("spec", "user") == Administrator
        ? YamlMap.Of(("allowed", true))
        : YamlMap.Of(("allowed", false), ("reason", "this server knows the rights of the administrator only"));

    private static YamlList Everything() => ["*"];
}
