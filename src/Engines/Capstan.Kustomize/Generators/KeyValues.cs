using System.Text;
using Capstan.Kustomize.Files;
using Capstan.Kustomize.Spec;

namespace Capstan.Kustomize.Generators;

/// <summary>Collects the entries of a generated ConfigMap or Secret from literals, files and files of variables.</summary>
internal static class KeyValues
{
    public static SortedDictionary<string, byte[]> Load(KustomizeFolder folder, GeneratorSpec spec, string file)
    {
        var result = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var (source, pairs) in Pairs(folder, spec, file))
        {
            foreach (var (key, value) in pairs)
            {
                if (!result.TryAdd(key, value))
                {
                    throw new KustomizeException($"configmap {spec.Name} illegally repeats the key `{key}`", file, source.Position);
                }
            }
        }

        return result;
    }

    private static IEnumerable<(SpecText Source, IEnumerable<(string Key, byte[] Value)> Pairs)> Pairs(KustomizeFolder folder, GeneratorSpec spec, string file)
    {
        foreach (var env in spec.Envs)
        {
            yield return (env, EnvFile(Read(folder, env.Text, file, env), env, file));
        }

        foreach (var literal in spec.Literals)
        {
            yield return (literal, [Literal(literal, file)]);
        }

        foreach (var source in spec.Files)
        {
            var (key, path) = FileSource(source, file);
            yield return (source, [(key, Read(folder, path, file, source).ToArray())]);
        }
    }

    private static ReadOnlyMemory<byte> Read(KustomizeFolder folder, string path, string file, SpecText source)
    {
        try
        {
            return folder.Load(path).Content;
        }
        catch (KustomizeException error)
        {
            throw error.At(file, source.Position);
        }
    }

    private static (string, byte[]) Literal(SpecText source, string file)
    {
        var equals = source.Text.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
        {
            throw new KustomizeException($"invalid literal source {source.Text}, expected key=value", file, source.Position);
        }

        var value = source.Text[(equals + 1)..];
        if (value is ['"', .., '"'] or ['\'', .., '\''])
        {
            value = value[1..^1];
        }

        return (source.Text[..equals], Encoding.UTF8.GetBytes(value));
    }

    private static (string Key, string Path) FileSource(SpecText source, string file)
    {
        var text = source.Text;
        var parts = text.Split('=');
        return parts.Length switch
        {
            1 => (BaseName(text), text),
            2 when parts[0].Length == 0 => throw new KustomizeException($"missing key name for file path \"{parts[1]}\" in source \"{text}\"", file, source.Position),
            2 when parts[1].Length == 0 => throw new KustomizeException($"missing file path for key name \"{parts[0]}\" in source \"{text}\"", file, source.Position),
            2 => (parts[0], parts[1]),
            _ => throw new KustomizeException($"source \"{text}\" key name or file path contains '='", file, source.Position),
        };
    }

    private static string BaseName(string path) => path.TrimEnd('/') is var trimmed && trimmed.Length == 0 ? path : trimmed[(trimmed.LastIndexOf('/') + 1)..];

    private static List<(string, byte[])> EnvFile(ReadOnlyMemory<byte> content, SpecText source, string file)
    {
        var result = new List<(string, byte[])>();
        var number = 0;
        var rest = content.Span;
        var strict = new UTF8Encoding(false, throwOnInvalidBytes: true);
        while (!rest.IsEmpty)
        {
            var end = rest.IndexOf((byte)'\n');
            var line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? [] : rest[(end + 1)..];
            number++;
            line = line is [.., (byte)'\r'] ? line[..^1] : line;
            if (number == 1 && line.StartsWith("\uFEFF"u8))
            {
                line = line[3..];
            }

            string text;
            try
            {
                text = strict.GetString(line).TrimStart();
            }
            catch (DecoderFallbackException error)
            {
                throw new KustomizeException($"line {number} of '{source.Text}' has invalid utf8 bytes", file, source.Position, inner: error);
            }

            if (text.Length == 0 || text[0] == '#')
            {
                continue;
            }

            var equals = text.IndexOf('=', StringComparison.Ordinal);
            var (key, value) = equals < 0 ? (text, "") : (text[..equals], text[(equals + 1)..]);
            if (key.Length > 0)
            {
                result.Add((key, Encoding.UTF8.GetBytes(value)));
            }
        }

        return result;
    }
}
