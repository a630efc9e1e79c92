using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Capstan.Yaml;

internal static class JsonTreeWriter
{
    public static void Write(YamlNode node, Utf8JsonWriter writer)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (node)
        {
            case YamlMap map:
                writer.WriteStartObject();
                foreach (ref readonly var entry in map.AsSpan())
                {
                    writer.WritePropertyName(entry.Key);
                    Write(entry.Value, writer);
                }

                writer.WriteEndObject();
                break;
            case YamlList list:
                writer.WriteStartArray();
                foreach (var item in list.AsSpan())
                {
                    Write(item, writer);
                }

                writer.WriteEndArray();
                break;
            case YamlScalar { Kind: ScalarKind.String } text:
                writer.WriteStringValue(text.Text);
                break;
            case YamlScalar other:
                // The text of other kinds is canonical JSON already.
                writer.WriteRawValue(other.Text, skipInputValidation: true);
                break;
        }
    }
}
