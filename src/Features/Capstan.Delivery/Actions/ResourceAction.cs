using Capstan.Resources;

namespace Capstan.Delivery.Actions;

/// <summary>What can be done with one live object beside syncing it: restart, scale, pause … Argo CD's names where it has them.</summary>
/// <param name="Name">The action's name.</param>
/// <param name="Disabled">Whether it cannot be done in the state that the object is in.</param>
/// <param name="Parameters">What it wants to be told.</param>
public sealed record ResourceAction(string Name, bool Disabled, IReadOnlyList<ActionParameter> Parameters);

/// <summary>Something that an action wants to be told.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Default">What counts when nothing is said; null where something must be.</param>
public sealed record ActionParameter(string Name, string? Default = null);

/// <summary>What an action makes.</summary>
/// <param name="Object">The object as it should be; one that is there is patched.</param>
/// <param name="IsNew">Whether it is to be made.</param>
internal sealed record ActionChange(KubernetesObject Object, bool IsNew = false);

/// <summary>An action that comes with Capstan.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kinds">The kinds that have it.</param>
/// <param name="IsPossible">Whether it can be done in the state that an object is in.</param>
/// <param name="Change">What it makes of an object.</param>
internal sealed record BuiltInAction(string Name, IReadOnlyList<GroupKind> Kinds, Func<KubernetesObject, bool> IsPossible, Func<KubernetesObject, ActionInputs, ActionChange> Change)
{
    public IReadOnlyList<ActionParameter> Parameters { get; init; } = [];
}

/// <summary>What an action goes by.</summary>
/// <param name="Values">The parameters as they were given.</param>
/// <param name="Now">The time.</param>
internal sealed record ActionInputs(IReadOnlyDictionary<string, string> Values, DateTimeOffset Now)
{
    /// <summary>The time as objects hold it.</summary>
    public string Time => Now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);

    /// <exception cref="Controllers.DeliveryException">It was not given, or is no number that fits.</exception>
    public long Number(string name, long least, long most) =>
        long.TryParse(Values.GetValueOrDefault(name), System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new Controllers.DeliveryException($"{name}: \"{Values.GetValueOrDefault(name)}\" is no whole number between {least} and {most}; give {name}=NUMBER");
}
