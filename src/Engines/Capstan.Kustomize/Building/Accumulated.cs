using Capstan.Kustomize.Fields;
using Capstan.Kustomize.Resources;
using Capstan.Kustomize.Variables;

namespace Capstan.Kustomize.Building;

/// <summary>What a kustomization and all that it refers to have come to so far.</summary>
internal sealed class Accumulated
{
    public ResourceSet Resources { get; } = new();

    public TransformerFields Fields { get; set; } = TransformerFields.None;

    public VariableSet Variables { get; } = new();

    /// <summary>Adds what a base came to.</summary>
    public void Add(Accumulated other)
    {
        Resources.AppendAll(other.Resources.All.ToArray());
        Fields = Fields.Merge(other.Fields);
        Variables.AddAll(other.Variables);
    }
}
