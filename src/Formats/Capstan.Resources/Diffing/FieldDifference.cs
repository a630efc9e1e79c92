using Capstan.Yaml;

namespace Capstan.Resources;

/// <summary>A field in which the live object is not as desired.</summary>
/// <param name="Field">The field.</param>
/// <param name="Wanted">The desired value; null when the field should not be there. Values of Secrets are hidden.</param>
/// <param name="Live">The live value; null when the field is not there. Values of Secrets are hidden.</param>
/// <param name="Manager">Who owns the live field; empty when nobody does or it is not known.</param>
/// <param name="Time">When that owner last changed something; null when not known.</param>
public sealed record FieldDifference(FieldPath Field, YamlNode? Wanted, YamlNode? Live, string Manager, DateTimeOffset? Time)
{
    /// <summary>The path as text: <c>.spec.template.spec.containers[name="web"].image</c>.</summary>
    public string Path => Field.ToString();

    /// <summary><c>path: wanted X, live Y</c>.</summary>
    public override string ToString() =>
        $"{Path}: wanted {Wanted?.ToString() ?? "absent"}, live {Live?.ToString() ?? "absent"}" + (Manager.Length > 0 ? $" (by {Manager})" : "");
}

/// <summary>How objects are compared.</summary>
/// <param name="Schema">The schema of the object's kind.</param>
public sealed record DiffOptions(ObjectSchema Schema)
{
    /// <summary>The field managers that apply for us; what they own and is desired no longer is a difference.</summary>
    public IReadOnlySet<string> OwnManagers { get; init; } = new HashSet<string>(StringComparer.Ordinal) { "capstan" };

    /// <summary>Whether <c>status</c> counts; as a rule it is the controller's, and no manifest's.</summary>
    public bool CountStatus { get; init; }

    /// <summary>Whether what kubectl or Argo CD applied on the client side, as the annotation tells, counts as applied by us.</summary>
    public bool CountLastApplied { get; init; } = true;
}
