using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Access;

/// <summary>Who asks, as Kubernetes knows people and programs.</summary>
/// <param name="Name">The user's name; <c>system:serviceaccount:NAMESPACE:NAME</c> for service accounts.</param>
/// <param name="Uid">The uid; empty where there is none.</param>
/// <param name="Groups">The groups, without <c>system:authenticated</c>.</param>
/// <param name="Extra">More that is known, as the pod that a token is bound to.</param>
internal sealed record UserInfo(string Name, string Uid, IReadOnlyList<string> Groups, IReadOnlyDictionary<string, IReadOnlyList<string>> Extra)
{
    public const string Masters = "system:masters";
    public const string Authenticated = "system:authenticated";
    public const string AccountPrefix = "system:serviceaccount:";

    public static readonly IReadOnlyDictionary<string, IReadOnlyList<string>> NoExtra = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>The administrator, whose token and certificate are in the kubeconfig.</summary>
    public static readonly UserInfo Administrator = new("admin", "", [Masters], NoExtra);

    /// <summary>Whether it is somebody who was let in; false for somebody that a review speaks of.</summary>
    public bool LetIn { get; init; } = true;

    /// <summary>The groups, with the one that everybody is in who was let in.</summary>
    public IReadOnlyList<string> AllGroups => !LetIn || Groups.Contains(Authenticated) ? Groups : [.. Groups, Authenticated];

    /// <summary>Whether nothing is forbidden to it.</summary>
    public bool IsMaster => Groups.Contains(Masters);

    public static UserInfo Account(string space, string name, string uid) =>
        new($"{AccountPrefix}{space}:{name}", uid, ["system:serviceaccounts", $"system:serviceaccounts:{space}"], NoExtra);

    /// <summary>As reviews and admission requests word it.</summary>
    public YamlMap ToTree()
    {
        var tree = YamlMap.Of(("username", Name));
        tree = Uid.Length == 0 ? tree : tree.With("uid", Uid);
        tree = tree.With("groups", new YamlList(AllGroups.Select(g => (YamlNode)g)));
        return Extra.Count == 0 ? tree : tree.With("extra", Extra.Aggregate(YamlMap.Empty, (all, e) => all.With(e.Key, new YamlList(e.Value.Select(v => (YamlNode)v)))));
    }
}
