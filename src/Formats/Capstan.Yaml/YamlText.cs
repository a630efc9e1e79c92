using System.Text;

namespace Capstan.Yaml;

/// <summary>
/// Reads YAML as kubectl and Helm see it: the types that go-yaml 2 resolves (YAML 1.1 booleans and octals among them), merge keys
/// applied, aliases expanded, and every key a string, as sigs.k8s.io/yaml does on its way to JSON.
/// </summary>
public static class YamlText
{
    /// <summary>
    /// Reads all documents of a stream. Documents that are empty or <c>null</c> are left out, as kubectl leaves them out.
    /// Nodes that come from an alias are shared with their anchor and have the anchor's position.
    /// </summary>
    /// <param name="utf8">The text; UTF-16 is read too when a byte order mark announces it.</param>
    /// <param name="limits">What is accepted; <see cref="ReadLimits.Default"/> when null.</param>
    /// <exception cref="YamlException">The text is no YAML, has no JSON form, or is over a limit. Nothing of it is given out then.</exception>
    public static IReadOnlyList<YamlNode> ReadAll(ReadOnlySpan<byte> utf8, ReadLimits? limits = null) =>
        Read(utf8, limits).FindAll(document => !document.IsNull);

    /// <summary>Reads all documents of a text; see <see cref="ReadAll(ReadOnlySpan{byte}, ReadLimits?)"/>.</summary>
    /// <exception cref="YamlException">The text is no YAML, has no JSON form, or is over a limit.</exception>
    public static IReadOnlyList<YamlNode> ReadAll(string text, ReadLimits? limits = null) =>
        YamlInput.IsPlain(text, limits ?? ReadLimits.Default)
            ? Parse(text, limits ?? ReadLimits.Default).FindAll(document => !document.IsNull)
            : ReadAll(Encoding.UTF8.GetBytes(text), limits);

    /// <summary>Reads a stream that holds one document; <see cref="YamlScalar.Null"/> when it holds none.</summary>
    /// <exception cref="YamlException">
    /// The text is no YAML, has no JSON form, is over a limit, or holds a second document (other than an empty one).
    /// </exception>
    public static YamlNode ReadOne(ReadOnlySpan<byte> utf8, ReadLimits? limits = null)
    {
        var documents = Read(utf8, limits);
        var filled = documents.FindAll(document => !document.IsNull);
        return filled.Count switch
        {
            0 when documents.Count > 0 => documents[0],
            0 => YamlScalar.Null,
            1 => filled[0],
            _ => throw new YamlException("a second document begins here, and only one is expected", filled[1].Position),
        };
    }

    /// <summary>Reads a text that holds one document; see <see cref="ReadOne(ReadOnlySpan{byte}, ReadLimits?)"/>.</summary>
    /// <exception cref="YamlException">The text is no YAML, has no JSON form, is over a limit, or holds a second document.</exception>
    public static YamlNode ReadOne(string text, ReadLimits? limits = null) => ReadOne(Encoding.UTF8.GetBytes(text), limits);

    /// <summary>What a text means when it is written without quotes: the scalar that the dialect's reader would give.</summary>
    /// <exception cref="YamlException">The text is a number without a JSON form, such as <c>.inf</c>.</exception>
    public static YamlScalar Plain(string text, YamlDialect dialect) =>
        ScalarReader.Read(
            new YamlDotNet.Core.Events.Scalar(YamlDotNet.Core.AnchorName.Empty, YamlDotNet.Core.TagName.Empty, text, YamlDotNet.Core.ScalarStyle.Plain, true, false),
            Position.None, dialect);

    private static List<YamlNode> Read(ReadOnlySpan<byte> utf8, ReadLimits? limits)
    {
        limits ??= ReadLimits.Default;
        return Parse(YamlInput.Decode(utf8, limits), limits);
    }

    private static List<YamlNode> Parse(string text, ReadLimits limits) => SimpleYamlReader.TryRead(text, limits) ?? ReadWhole(text, limits);

    /// <summary>Reads all of YAML.</summary>
    /// <exception cref="YamlException">As <see cref="ReadAll(ReadOnlySpan{byte}, ReadLimits?)"/>.</exception>
    internal static List<YamlNode> ReadWhole(string text, ReadLimits limits)
    {
        for (var repairs = 0; ; repairs++)
        {
            try
            {
                return new YamlTreeReader(text, limits).ReadDocuments();
            }
            catch (YamlException error) when (repairs < BlankFirstLines.MaxRepairs && BlankFirstLines.TryTrim(ref text, error))
            {
                // The text is another one now, and is read anew.
            }
        }
    }
}
