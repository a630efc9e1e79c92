using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.OpenApi;

/// <summary>
/// OpenAPI 2 in the protobuf form of google/gnostic (openapiv2/OpenAPIv2.proto, whose field numbers stand here), which kubectl before 1.27 asks for.
/// Definitions and the operations' extensions are written, which is what it reads.
/// </summary>
internal static class ProtobufDocument
{
    // Asked for with an @, which is no media type; answered with a dot, as API servers do since clients check it.
    public const string MediaType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

    public static byte[] Of(YamlMap document)
    {
        var writer = new MessageWriter();
        writer.Text(1, document.Text("swagger"));
        writer.Message(2, info =>
        {
            info.Text(1, document.Text("info", "title"));
            info.Text(2, document.Text("info", "version"));
        });
        writer.Message(8, paths =>
        {
            foreach (var (path, item) in document.MapAt("paths"))
            {
                paths.Message(2, named => Named(named, path, value => PathItem(value, (YamlMap)item)));
            }
        });
        writer.Message(9, definitions =>
        {
            foreach (var (name, schema) in document.MapAt("definitions"))
            {
                definitions.Message(1, named => Named(named, name, value => Schema(value, (YamlMap)schema)));
            }
        });
        return writer.ToArray();
    }

    private static void Named(MessageWriter writer, string name, Action<MessageWriter> value)
    {
        writer.Text(1, name);
        writer.Message(2, value);
    }

    private static void PathItem(MessageWriter writer, YamlMap item)
    {
        foreach (var (field, verb) in new[] { (2, "get"), (3, "put"), (8, "patch") })
        {
            if (item[verb] is YamlMap operation)
            {
                writer.Message(field, o => Operation(o, operation));
            }
        }
    }

    private static void Operation(MessageWriter writer, YamlMap operation)
    {
        foreach (var parameter in operation.Maps("parameters"))
        {
            // ParametersItem.parameter = 1, Parameter.non_body_parameter = 2, NonBodyParameter.query_parameter_sub_schema = 3
            writer.Message(8, p => p.Message(1, q => q.Message(2, r => r.Message(3, s =>
            {
                s.Text(2, "query");
                s.Text(4, parameter.Text("name"));
                s.Text(6, parameter.Text("type"));
            }))));
        }

        writer.Message(9, responses => responses.Message(1, named => Named(named, "200", value => value.Message(1, r => r.Text(1, "OK")))));
        Extensions(writer, 13, operation);
    }

    private static void Schema(MessageWriter writer, YamlMap schema)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        writer.Text(1, schema.Text("$ref"));
        writer.Text(2, schema.Text("format"));
        writer.Text(3, schema.Text("title"));
        writer.Text(4, schema.Text("description"));
        writer.Text(13, schema.Text("pattern"));
        writer.Double(7, schema["maximum"]);
        writer.Double(9, schema["minimum"]);
        foreach (var (field, name) in new[] { (11, "maxLength"), (12, "minLength"), (14, "maxItems"), (15, "minItems"), (17, "maxProperties"), (18, "minProperties") })
        {
            writer.Number(field, schema.Number(name) ?? 0);
        }

        foreach (var required in schema["required"] as YamlList ?? YamlList.Empty)
        {
            writer.Text(19, required.AsString() ?? "");
        }

        foreach (var value in schema["enum"] as YamlList ?? YamlList.Empty)
        {
            writer.Message(20, any => any.Text(2, JsonText.Write(value) + "\n"));
        }

        switch (schema["additionalProperties"])
        {
            case YamlMap inner:
                writer.Message(21, item => item.Message(1, s => Schema(s, inner)));
                break;
            case YamlScalar { Text: "true" }:
                writer.Message(21, item => item.Number(2, 1));
                break;
        }

        if (schema.Text("type") is { Length: > 0 } type)
        {
            writer.Message(22, item => item.Text(1, type));
        }

        if (schema["items"] is YamlMap items)
        {
            writer.Message(23, item => item.Message(1, s => Schema(s, items)));
        }

        if (schema["properties"] is YamlMap properties)
        {
            writer.Message(25, all =>
            {
                foreach (var (name, property) in properties)
                {
                    all.Message(1, named => Named(named, name, value => Schema(value, property as YamlMap ?? YamlMap.Empty)));
                }
            });
        }

        Extensions(writer, 31, schema);
    }

    private static void Extensions(MessageWriter writer, int field, YamlMap node)
    {
        foreach (var (name, value) in node)
        {
            if (name.StartsWith("x-", StringComparison.Ordinal))
            {
                writer.Message(field, named => Named(named, name, any => any.Text(2, JsonText.Write(value) + "\n")));
            }
        }
    }

    /// <summary>Writes the fields of one message. What is empty is left out, as proto3 does.</summary>
    private sealed class MessageWriter
    {
        private readonly ArrayBufferWriter<byte> _bytes = new();

        public byte[] ToArray() => _bytes.WrittenSpan.ToArray();

        public void Text(int field, string text)
        {
            if (text.Length > 0)
            {
                Bytes(field, Encoding.UTF8.GetBytes(text));
            }
        }

        public void Message(int field, Action<MessageWriter> write)
        {
            var inner = new MessageWriter();
            write(inner);
            Bytes(field, inner._bytes.WrittenSpan);
        }

        public void Number(int field, long number)
        {
            if (number != 0)
            {
                Variable((ulong)field << 3);
                Variable((ulong)number);
            }
        }

        public void Double(int field, YamlNode? node)
        {
            if (node is YamlScalar { IsNumber: true } scalar)
            {
                Span<byte> buffer = stackalloc byte[8];
                BinaryPrimitives.WriteDoubleLittleEndian(buffer, scalar.AsDouble());
                Variable(((ulong)field << 3) | 1);
                _bytes.Write(buffer);
            }
        }

        private void Bytes(int field, ReadOnlySpan<byte> bytes)
        {
            Variable(((ulong)field << 3) | 2);
            Variable((ulong)bytes.Length);
            _bytes.Write(bytes);
        }

        private void Variable(ulong value)
        {
            while (value > 127)
            {
                _bytes.Write([(byte)(value | 128)]);
                value >>= 7;
            }

            _bytes.Write([(byte)value]);
        }
    }
}
