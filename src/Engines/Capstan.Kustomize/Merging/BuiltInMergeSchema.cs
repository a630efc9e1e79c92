using Capstan.Kustomize.Identity;

namespace Capstan.Kustomize.Merging;

/// <summary>The kinds that kustomize knows by itself.</summary>
internal sealed class BuiltInMergeSchema : MergeSchema
{
    private static readonly Lazy<BuiltInMergeSchema> Shared = new(() => new BuiltInMergeSchema());

    private readonly Dictionary<Gvk, MergeType> _kinds = [];
    private readonly Dictionary<string, MergeType> _types = new(StringComparer.Ordinal) { ["-"] = MergeType.Plain };

    private BuiltInMergeSchema()
    {
        using var stream = typeof(BuiltInMergeSchema).Assembly.GetManifestResourceStream("merge-lists.txt")
            ?? throw new InvalidOperationException("The table of merging lists is not in the program.");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            var parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (line.StartsWith("@ ", StringComparison.Ordinal))
            {
                _kinds[Gvk.From(parts[1], parts[2])] = Type(parts[3]);
            }
            else if (line.Length > 0 && line[0] != '#')
            {
                ReadType(parts);
            }
        }
    }

    public static BuiltInMergeSchema Instance => Shared.Value;

    public override MergeType? For(Gvk gvk) => _kinds.GetValueOrDefault(gvk);

    private void ReadType(string[] parts)
    {
        var type = Type(parts[0]);
        foreach (var part in parts.AsSpan(1))
        {
            var colon = part.LastIndexOf(':');
            var (name, value) = (part[..colon], Type(part[(colon + 1)..]));
            if (name.EndsWith("{}", StringComparison.Ordinal))
            {
                type.Add(name[..^2], new MergeField(new MergeType { AnyField = new MergeField(value, null) }, null));
            }
            else if (name.IndexOf('[', StringComparison.Ordinal) is var open and > 0)
            {
                type.Add(name[..open], new MergeField(value, name[(open + 1)..^1].Split(',', StringSplitOptions.RemoveEmptyEntries)));
            }
            else
            {
                type.Add(name, new MergeField(value, null));
            }
        }
    }

    private MergeType Type(string name)
    {
        if (!_types.TryGetValue(name, out var type))
        {
            _types[name] = type = new MergeType();
        }

        return type;
    }
}
