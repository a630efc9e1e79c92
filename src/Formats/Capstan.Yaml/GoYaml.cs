using System.Buffers;
using System.Text;

namespace Capstan.Yaml;

/// <summary>How a tree is laid out as YAML.</summary>
/// <remarks>The two ready-made styles reproduce reference programs byte for byte; change a copy of one for anything else.</remarks>
public sealed record GoYamlOptions
{
    /// <summary>As sigs.k8s.io/yaml writes: Helm's <c>toYaml</c>, <c>kubectl kustomize</c>, <c>kubectl get -o yaml</c>.</summary>
    public static readonly GoYamlOptions Kubernetes = new();

    /// <summary>As go-yaml 3 writes with an indentation of 2: Helm's <c>toYamlPretty</c>.</summary>
    public static readonly GoYamlOptions Pretty = new()
    {
        IndentSequences = true,
        TabsInBlocks = true,
        LettersFirstAfterDigits = true,
        NumbersThroughJson = false,
        Width = int.MaxValue,
    };

    /// <summary>Whether a map's keys are written in go-yaml's natural order (<c>a2</c> before <c>a10</c>) or in the tree's.</summary>
    public bool SortKeys { get; init; } = true;

    /// <summary>Spaces of one level, 2 to 9.</summary>
    public int Indent { get; init; } = 2;

    /// <summary>Whether the items of a list in a map are indented below their key.</summary>
    public bool IndentSequences { get; init; }

    /// <summary>Whether text with tabs may be a block; go-yaml 2 puts it in double quotes.</summary>
    public bool TabsInBlocks { get; init; }

    /// <summary>
    /// Whether numbers take the way through JSON, on which a float without a fraction becomes an integer (1e3 is written as 1000).
    /// Otherwise a <see cref="ScalarKind.Float"/> is written as Go's float64 (1e+06), an integer by its digits.
    /// </summary>
    public bool NumbersThroughJson { get; init; } = true;

    /// <summary>Characters of a line after which long text without line breaks is folded at the next single blank.</summary>
    public int Width { get; init; } = 80;

    /// <summary>Whether, in the order of keys, a letter comes before another character that follows a digit, as in go-yaml 3.</summary>
    public bool LettersFirstAfterDigits { get; init; }
}

/// <summary>Writes trees as go-yaml does, so that output can be compared with the reference programs' byte by byte.</summary>
public static class GoYaml
{
    /// <summary>One document, ending with a line break and without <c>---</c>.</summary>
    /// <param name="node">The tree.</param>
    /// <param name="options">The layout; <see cref="GoYamlOptions.Kubernetes"/> when null.</param>
    public static string Write(YamlNode node, GoYamlOptions? options = null)
    {
        var text = new StringBuilder();
        new GoEmitter(options ?? GoYamlOptions.Kubernetes, text).Write(node);
        return text.ToString();
    }

    /// <summary>Several documents with <c>---</c> between them, as <c>kubectl kustomize</c> prints.</summary>
    public static string WriteAll(IEnumerable<YamlNode> documents, GoYamlOptions? options = null) => Text(documents, options).ToString();

    /// <summary>The UTF-8 of <see cref="WriteAll"/>, without the text between.</summary>
    public static byte[] WriteAllBytes(IEnumerable<YamlNode> documents, GoYamlOptions? options = null)
    {
        var text = Text(documents, options);
        var bytes = new ArrayBufferWriter<byte>(Math.Max(1, text.Length));
        var encoder = Encoding.UTF8.GetEncoder();
        foreach (var chunk in text.GetChunks())
        {
            encoder.Convert(chunk.Span, bytes, flush: false, out _, out _);
        }

        encoder.Convert([], bytes, flush: true, out _, out _);
        return bytes.WrittenSpan.ToArray();
    }

    private static StringBuilder Text(IEnumerable<YamlNode> documents, GoYamlOptions? options)
    {
        var text = new StringBuilder();
        var emitter = new GoEmitter(options ?? GoYamlOptions.Kubernetes, text);
        foreach (var document in documents)
        {
            if (text.Length > 0)
            {
                text.Append("---\n");
            }

            emitter.Write(document);
        }

        return text;
    }
}
