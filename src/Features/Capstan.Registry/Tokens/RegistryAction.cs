using Capstan.Access.Rights;

namespace Capstan.Registry.Tokens;

/// <summary>What is done with a repository; each method of each path has one, nothing else of a request can change it.</summary>
internal enum RegistryAction
{
    Pull,
    Push,
    Delete,
}

internal static class RegistryActions
{
    /// <summary>The word on the wire.</summary>
    public static string Word(this RegistryAction action) => action switch
    {
        RegistryAction.Pull => "pull",
        RegistryAction.Push => "push",
        _ => "delete",
    };

    /// <summary>The verb of Capstan's own rights.</summary>
    public static Verb VerbOf(this RegistryAction action) => action switch
    {
        RegistryAction.Pull => Verb.Get,
        RegistryAction.Push => Verb.Update,
        _ => Verb.Delete,
    };
}
