using Capstan.Delivery.Comparing.Ignoring;
using Capstan.Resources;

namespace Capstan.Delivery.Settings.Argo;

/// <summary>A field of custom resources that holds a type of Kubernetes' own.</summary>
/// <param name="Path">The path of the field; lists on the way are gone through.</param>
/// <param name="Type">The type, as in <c>core/v1/PodSpec</c>.</param>
internal sealed record KnownTypeField(IReadOnlyList<string> Path, string Type);

/// <summary>What <c>resource.customizations</c> say of some kinds.</summary>
/// <param name="Kinds">Which kinds: <c>group/Kind</c> with globs; <c>*/*</c> for all.</param>
internal sealed record KindCustomization(string Kinds)
{
    /// <summary>How their health is told, in Lua; empty for the built-in way.</summary>
    public string HealthScript { get; init; } = "";

    /// <summary>Whether scripts may use Lua's standard libraries for strings, tables and numbers (those for files and programs never).</summary>
    public bool UsesOpenLibraries { get; init; }

    /// <summary>What can be done with their objects; null for the built-in actions.</summary>
    public ScriptedActions? Actions { get; init; }

    /// <summary>What does not count in comparisons.</summary>
    public IgnoreRule? Ignored { get; init; }

    /// <summary>Fields whose change is no reason to look again.</summary>
    public IgnoreRule? IgnoredUpdates { get; init; }

    /// <summary>Fields of known types.</summary>
    public IReadOnlyList<KnownTypeField> KnownTypes { get; init; } = [];

    /// <summary>Whether it speaks of a kind.</summary>
    public bool Concerns(GroupKind kind) => SimpleGlob.Fits(Kinds, Name(kind)) || Kinds == "*/*";

    /// <summary>How a kind is named here: <c>Kind</c> for the core group, else <c>group/Kind</c>.</summary>
    public static string Name(GroupKind kind) => kind.Group.Length == 0 ? kind.Kind : $"{kind.Group}/{kind.Kind}";
}

/// <summary>The actions of <c>resource.customizations.actions</c>.</summary>
/// <param name="Discovery">The script that tells which actions an object has.</param>
/// <param name="Scripts">The script of each action, by its name.</param>
internal sealed record ScriptedActions(string Discovery, IReadOnlyDictionary<string, string> Scripts)
{
    /// <summary>Whether the actions that come with Capstan stay beside these.</summary>
    public bool MergesBuiltIn { get; init; }
}
