using Capstan.GoTemplates;
using Capstan.Helm.Data;
using Capstan.Yaml;
using static Capstan.Helm.Functions.FunctionTable;

namespace Capstan.Helm.Functions;

/// <summary>YAML, JSON and TOML to and from values.</summary>
internal static class DataFunctions
{
    private static readonly ReadLimits JsonLimits = ReadLimits.Default with { MaxBytes = 100_000_000, DuplicateKeys = DuplicateKeys.LastWins };

    public static readonly GoFunction[] All =
    [
        Of("toYaml", [GoType.Any], static (_, a) => OrEmpty(() => Yaml(a[0]))),
        Of("mustToYaml", [GoType.Any], static (_, a) => Yaml(a[0])),
        Of("toYamlPretty", [GoType.Any], static (_, a) => OrEmpty(() => Trimmed(GoYaml.Write(GoTree.ToTree(a[0], keepFloats: true), GoYamlOptions.Pretty)))),
        Of("fromYaml", [GoType.String], static (_, a) => FromYaml(a.Text(0))),
        Of("fromYamlArray", [GoType.String], static (_, a) => FromYamlArray(a.Text(0))),
        Of("toJson", [GoType.Any], static (_, a) => OrEmpty(() => GoJson.Write(a[0]))),
        Of("mustToJson", [GoType.Any], static (_, a) => GoJson.Write(a[0])),
        Of("toPrettyJson", [GoType.Any], static (_, a) => OrEmpty(() => GoJson.Write(a[0], indent: true))),
        Of("mustToPrettyJson", [GoType.Any], static (_, a) => GoJson.Write(a[0], indent: true)),
        Of("toRawJson", [GoType.Any], static (_, a) => GoJson.Write(a[0], escapeHtml: false)),
        Of("mustToRawJson", [GoType.Any], static (_, a) => GoJson.Write(a[0], escapeHtml: false)),
        Of("fromJson", [GoType.String], static (_, a) => FromJson(a.Text(0))),
        Of("mustFromJson", [GoType.String], static (_, a) => GoTree.ToValue(ReadJson(a.Text(0)))),
        Of("fromJsonArray", [GoType.String], static (_, a) => FromJsonArray(a.Text(0))),
        Of("toToml", [GoType.Any], static (_, a) => Toml(a[0])),
        Of("fromToml", [GoType.String], static (_, a) => FromToml(a.Text(0))),
    ];

    /// <summary>As Helm's <c>toYaml</c>.</summary>
    internal static string Yaml(object? value) => Trimmed(GoYaml.Write(GoTree.ToTree(value)));

    private static string Trimmed(string text) => text.EndsWith('\n') ? text[..^1] : text;

    private static string OrEmpty(Func<string> write)
    {
        try
        {
            return write();
        }
        catch (GoException)
        {
            // Helm swallows errors here.
            return "";
        }
    }

    private static GoMap Error(string message) => new() { ["Error"] = message };

    private static GoMap FromYaml(string text)
    {
        try
        {
            return HelmYaml.Read(text) switch
            {
                YamlMap map => GoTree.ToMap(map),
                { IsNull: true } => new GoMap(),
                var other => Error($"error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {GoKindOf(other)} into Go value of type map[string]interface {{}}"),
            };
        }
        catch (HelmYamlException error)
        {
            return Error(error.Message);
        }
    }

    private static GoArray FromYamlArray(string text)
    {
        try
        {
            return HelmYaml.Read(text) switch
            {
                YamlList list => (GoArray)GoTree.ToValue(list)!,
                { IsNull: true } => GoArray.Nil,
                var other => new GoArray([$"error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {GoKindOf(other)} into Go value of type []interface {{}}"]),
            };
        }
        catch (HelmYamlException error)
        {
            return new GoArray([error.Message]);
        }
    }

    internal static string GoKindOf(YamlNode node) => node switch
    {
        YamlMap => "object",
        YamlList => "array",
        YamlScalar { Kind: ScalarKind.String } => "string",
        YamlScalar { Kind: ScalarKind.Boolean } => "bool",
        YamlScalar { IsNumber: true } => "number",
        _ => "null",
    };

    private static GoMap FromJson(string text)
    {
        try
        {
            return ReadJson(text) switch
            {
                YamlMap map => GoTree.ToMap(map),
                { IsNull: true } => new GoMap(),
                var other => Error($"json: cannot unmarshal {GoKindOf(other)} into Go value of type map[string]interface {{}}"),
            };
        }
        catch (GoException error)
        {
            return Error(error.Message);
        }
    }

    private static GoArray FromJsonArray(string text)
    {
        try
        {
            return ReadJson(text) switch
            {
                YamlList list => (GoArray)GoTree.ToValue(list)!,
                { IsNull: true } => GoArray.Nil,
                var other => new GoArray([$"json: cannot unmarshal {GoKindOf(other)} into Go value of type []interface {{}}"]),
            };
        }
        catch (GoException error)
        {
            return new GoArray([error.Message]);
        }
    }

    private static YamlNode ReadJson(string text)
    {
        if (GoJsonSyntax.Problem(text) is { } problem)
        {
            throw new GoException(problem);
        }

        try
        {
            return JsonText.Read(GoText.ToBytes(text), JsonLimits);
        }
        catch (YamlException error)
        {
            throw new GoException(error.Problem);
        }
    }

    private static string Toml(object? value)
    {
        try
        {
            return TomlWriter.Write(value);
        }
        catch (GoException error)
        {
            return error.Message;
        }
    }

    private static GoMap FromToml(string text)
    {
        try
        {
            return TomlReader.Read(text);
        }
        catch (GoException error)
        {
            return Error(error.Message);
        }
    }
}
