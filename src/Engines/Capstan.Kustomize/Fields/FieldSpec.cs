using Capstan.Kustomize.Identity;

namespace Capstan.Kustomize.Fields;

/// <summary>A field that a transformer changes.</summary>
/// <param name="Gvk">In which kinds; empty parts match anything.</param>
/// <param name="Path">The field's path as it was written, with <c>/</c>.</param>
/// <param name="Create">Whether the field is made where it is missing.</param>
internal sealed record FieldSpec(Gvk Gvk, string Path, bool Create)
{
    /// <summary>The parts of <see cref="Path"/>; <c>\/</c> is a slash inside a part.</summary>
    public FieldPart[] Parts { get; } = Array.ConvertAll(FieldPaths.Split(Path, '/'), FieldPart.Of);
}

/// <summary>One part of a field's path.</summary>
/// <param name="Name">The key.</param>
/// <param name="IsList">Whether it was written with <c>[]</c>: a list, whose items are meant.</param>
internal readonly record struct FieldPart(string Name, bool IsList)
{
    public static FieldPart Of(string text) => text.EndsWith("[]", StringComparison.Ordinal) ? new(text[..^2], true) : new(text, false);
}

/// <summary>Lists of field specifications.</summary>
internal static class FieldSpecs
{
    /// <summary>Adds what is new; the same field with another <c>create</c> is an error.</summary>
    public static List<FieldSpec> Merge(IEnumerable<FieldSpec> first, IEnumerable<FieldSpec> second)
    {
        var result = first.ToList();
        foreach (var spec in second)
        {
            var same = result.Find(s => s.Path == spec.Path && s.Gvk.IsSelectedBy(spec.Gvk));
            if (same is null)
            {
                result.Add(spec);
            }
            else if (same.Create != spec.Create)
            {
                throw new KustomizeException($"conflicting fieldspecs: {spec.Path} of {spec.Gvk} is there with create: {same.Create} and create: {spec.Create}");
            }
        }

        return result;
    }

    public static List<FieldSpec> Sort(IEnumerable<FieldSpec> specs) => [.. specs.OrderBy(s => s.Gvk, Comparer<Gvk>.Create(Gvk.CompareForFields))];
}
