using Capstan.Resources;

namespace Capstan.Delivery.Actions;

/// <summary>The actions that come with Capstan, by kind. A new one is a line in one of the families.</summary>
internal static class BuiltInActions
{
    private static readonly ILookup<GroupKind, BuiltInAction> ByKind =
        ((IEnumerable<BuiltInAction>)[.. WorkloadActions.All, .. JobActions.All, .. RolloutActions.All, .. OperatorActions.All])
        .SelectMany(a => a.Kinds.Select(k => (Kind: k, Action: a))).ToLookup(p => p.Kind, p => p.Action);

    /// <summary>The actions of a kind, in the order in which they are shown.</summary>
    public static IEnumerable<BuiltInAction> Of(GroupKind kind) => ByKind[kind];

    /// <summary>Every kind with an action.</summary>
    public static IEnumerable<GroupKind> Kinds => ByKind.Select(g => g.Key);
}
