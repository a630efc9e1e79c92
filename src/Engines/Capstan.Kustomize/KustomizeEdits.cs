using Capstan.Kustomize.Spec;

namespace Capstan.Kustomize;

/// <summary>Changes of a kustomization before it is built, as if <c>kustomize edit</c> had been called.</summary>
public sealed record KustomizeEdits
{
    /// <summary>Added in front of names; the kustomization's own prefix is replaced. Empty for no change.</summary>
    public string NamePrefix { get; init; } = "";

    internal Kustomization Apply(Kustomization spec) => spec with
    {
        NamePrefix = NamePrefix.Length > 0 ? NamePrefix : spec.NamePrefix,
    };
}
