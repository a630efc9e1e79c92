using Capstan.GoTemplates;
using Capstan.Yaml;

namespace Capstan.Helm.Data;

/// <summary>YAML as sigs.k8s.io/yaml reads it: the first document, duplicate keys refused, errors in its words.</summary>
internal static class HelmYaml
{
    private static readonly ReadLimits Limits = ReadLimits.Default with { MaxBytes = 100_000_000 };

    /// <summary>The first document.</summary>
    /// <exception cref="HelmYamlException">The text is no YAML; the message is the one that Helm shows.</exception>
    public static YamlNode Read(string text) => Read(GoText.ToBytes(text));

    /// <summary>The first document.</summary>
    /// <exception cref="HelmYamlException">The text is no YAML; the message is the one that Helm shows.</exception>
    public static YamlNode Read(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return YamlText.ReadOne(utf8, Limits);
        }
        catch (YamlException error)
        {
            throw new HelmYamlException(error);
        }
    }
}

/// <summary>YAML that Helm would not read either.</summary>
internal sealed class HelmYamlException(YamlException error) : GoException(Text(error), error)
{
    /// <summary>What the reader found.</summary>
    public YamlException Error { get; } = error;

    private static string Text(YamlException error) =>
        $"error converting YAML to JSON: yaml: {(error.Position.IsKnown ? $"line {error.Position.Line}: " : "")}{error.Problem}";
}
