using System.Text;
using Capstan.Kustomize.Files;
using Capstan.Kustomize.Resources;
using Capstan.Kustomize.Spec;
using Capstan.Yaml;

namespace Capstan.Kustomize.Generators;

/// <summary>Makes ConfigMaps and Secrets.</summary>
internal static class ResourceGenerator
{
    private const int Base64Line = 70;

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    public static Resource Make(KustomizeFolder folder, GeneratorSpec spec, bool isSecret, GeneratorOptions? globals, string file)
    {
        if (spec.Name.Length == 0)
        {
            throw new KustomizeException("a configmap must have a name", file, spec.Position);
        }

        var options = Merge(spec.Options, globals);
        var body = new YamlMapBuilder().Set("apiVersion", "v1").Set("kind", isSecret ? "Secret" : "ConfigMap").Set("metadata", Metadata(spec, options));
        if (isSecret)
        {
            body.Set("type", spec.Type.Length > 0 ? spec.Type : "Opaque");
        }

        AddData(body, KeyValues.Load(folder, spec, file), isSecret);
        if (options?.Immutable == true)
        {
            body.Set("immutable", true);
        }

        return new Resource(body.ToMap(), file)
        {
            Line = spec.Position.Line,
            IsGenerated = true,
            NeedsHash = options?.DisableHash != true,
            Behavior = spec.Behavior,
        };
    }

    /// <summary>The options of one generator and those of all: the own labels win.</summary>
    public static GeneratorOptions? Merge(GeneratorOptions? own, GeneratorOptions? globals) => globals is null
        ? own
        : new GeneratorOptions(
            Merge(own?.Labels, globals.Labels), Merge(own?.Annotations, globals.Annotations),
            own?.DisableHash == true || globals.DisableHash, own?.Immutable == true || globals.Immutable);

    internal static (string Field, YamlScalar Value) ConfigValue(byte[] content)
    {
        try
        {
            return ("data", Text(Strict.GetString(content)));
        }
        catch (DecoderFallbackException)
        {
            return ("binaryData", Text(Base64(content)));
        }
    }

    /// <summary>Long base64 is written in lines.</summary>
    internal static string Base64(byte[] content)
    {
        var text = Convert.ToBase64String(content);
        if (text.Length < Base64Line)
        {
            return text;
        }

        var lines = new StringBuilder(text.Length + (text.Length / Base64Line) + 1);
        for (var i = 0; i < text.Length; i += Base64Line)
        {
            lines.Append(text.AsSpan(i, Math.Min(Base64Line, text.Length - i))).Append('\n');
        }

        return lines.ToString();
    }

    internal static YamlScalar Text(string text) =>
        new(text, ScalarKind.String, text.Contains('\n', StringComparison.Ordinal) ? ScalarStyle.Literal : ScalarStyle.Plain);

    private static IReadOnlyDictionary<string, string>? Merge(IReadOnlyDictionary<string, string>? own, IReadOnlyDictionary<string, string>? globals)
    {
        if (own is null || globals is null)
        {
            return own ?? globals;
        }

        var result = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in globals.Concat(own))
        {
            result[key] = value;
        }

        return result;
    }

    private static YamlMap Metadata(GeneratorSpec spec, GeneratorOptions? options)
    {
        var metadata = new YamlMapBuilder().Set("name", ScalarNodes.Text(spec.Name));
        if (spec.Namespace.Length > 0)
        {
            metadata.Set("namespace", ScalarNodes.Text(spec.Namespace));
        }

        AddTexts(metadata, "labels", options?.Labels);
        AddTexts(metadata, "annotations", options?.Annotations);
        return metadata.ToMap();
    }

    private static void AddTexts(YamlMapBuilder metadata, string field, IReadOnlyDictionary<string, string>? texts)
    {
        if (texts is not { Count: > 0 })
        {
            return;
        }

        var map = new YamlMapBuilder(texts.Count);
        foreach (var (key, value) in texts)
        {
            map.Set(key, ScalarNodes.Text(value));
        }

        metadata.Set(field, map.ToMap());
    }

    private static void AddData(YamlMapBuilder body, SortedDictionary<string, byte[]> entries, bool isSecret)
    {
        var fields = new Dictionary<string, YamlMapBuilder>(StringComparer.Ordinal);
        if (isSecret)
        {
            fields["data"] = new YamlMapBuilder(entries.Count);
        }

        foreach (var (key, content) in entries)
        {
            var (field, value) = isSecret ? ("data", Text(Base64(content))) : ConfigValue(content);
            if (!fields.TryGetValue(field, out var map))
            {
                fields[field] = map = new YamlMapBuilder();
            }

            map.Set(key, value);
        }

        foreach (var (field, map) in fields)
        {
            body.Set(field, map.ToMap());
        }
    }
}
