using System.Globalization;
using System.Text;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Protobuf;

/// <summary>Reads an object that was sent as protobuf into the tree that its JSON would have given.</summary>
internal ref struct ProtobufObject
{
    public const string MediaType = "application/vnd.kubernetes.protobuf";

    // No kind nests its messages deeper than about twenty.
    private const int DeepestMessage = 64;
    private const int MostValues = 1_000_000;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly ReadLimits RawJson = new() { MaxBytes = 3 * 1024 * 1024, MaxDepth = 1_000, MaxNodes = MostValues, DuplicateKeys = DuplicateKeys.LastWins };

    private int _values;

    /// <summary>Reads the envelope and the object in it.</summary>
    /// <exception cref="ApiStatusException">BadRequest: the bytes are no valid protobuf, or no kind that can be read.</exception>
    public static YamlMap Read(ReadOnlySpan<byte> body)
    {
        if (!body.StartsWith("k8s\0"u8))
        {
            throw WireReader.Damaged("it does not begin with the bytes of the Kubernetes envelope");
        }

        var (apiVersion, kind, raw) = Envelope(body[4..]);
        var fields = MessageOf(apiVersion, kind);
        var builder = YamlMap.Of(("apiVersion", apiVersion), ("kind", kind)).ToBuilder();
        var reading = new ProtobufObject();
        reading.Fill(builder, fields, raw, 0);
        return builder.ToMap();
    }

    // runtime.Unknown: typeMeta {apiVersion, kind}, raw, contentEncoding, contentType.
    private static (string ApiVersion, string Kind, byte[] Raw) Envelope(ReadOnlySpan<byte> bytes)
    {
        var (apiVersion, kind) = ("", "");
        byte[] raw = [];
        var reader = new WireReader(bytes);
        while (!reader.AtEnd)
        {
            var (field, type) = reader.Tag();
            switch (field, type)
            {
                case (1, WireType.Bytes):
                    (apiVersion, kind) = TypeMeta(reader.Bytes());
                    break;
                case (2, WireType.Bytes):
                    raw = reader.Bytes().ToArray();
                    break;
                case (3, WireType.Bytes) when reader.Bytes() is { IsEmpty: false }:
                    throw WireReader.Damaged("encoded content is not taken");
                case (3, WireType.Bytes):
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        return (apiVersion, kind, raw);
    }

    private static (string ApiVersion, string Kind) TypeMeta(ReadOnlySpan<byte> bytes)
    {
        var (apiVersion, kind) = ("", "");
        var reader = new WireReader(bytes);
        while (!reader.AtEnd)
        {
            var (field, type) = reader.Tag();
            if (field > 2 || type != WireType.Bytes)
            {
                reader.Skip(type);
            }
            else if (field == 1)
            {
                apiVersion = Text(reader.Bytes());
            }
            else
            {
                kind = Text(reader.Bytes());
            }
        }

        return (apiVersion, kind);
    }

    private static string MessageOf(string apiVersion, string kind)
    {
        var type = GroupVersionKind.From(apiVersion, kind);
        var group = type.Group.Length == 0 ? "core" : type.Group.Split('.')[0];
        var name = $"{group}.{type.Version}.{kind}";

        // The options of a deletion come under any group.
        return WireFields.Of(name) is not null ? name
            : kind == "DeleteOptions" ? "meta.v1.DeleteOptions"
            : throw ApiErrors.BadRequest($"no kind \"{kind}\" of version \"{apiVersion}\" can be read from protobuf; send it as application/json");
    }

    private YamlMap Message(string message, ReadOnlySpan<byte> bytes, int depth)
    {
        var builder = YamlMap.Empty.ToBuilder();
        Fill(builder, message, bytes, depth);
        return builder.ToMap();
    }

    private void Fill(YamlMapBuilder into, string message, ReadOnlySpan<byte> bytes, int depth)
    {
        if (depth > DeepestMessage)
        {
            throw WireReader.Damaged($"messages are nested deeper than {DeepestMessage}");
        }

        var fields = WireFields.Of(message)!;
        Dictionary<int, List<YamlNode>>? lists = null;
        Dictionary<int, YamlMapBuilder>? maps = null;
        var reader = new WireReader(bytes);
        while (!reader.AtEnd)
        {
            var (number, type) = reader.Tag();
            if (!fields.TryGetValue(number, out var field))
            {
                reader.Skip(type);
            }
            else if (field.IsInline)
            {
                Fill(into, field.Message, reader.Bytes(), depth + 1);
            }
            else if (field.IsMap)
            {
                maps ??= [];
                maps.TryAdd(number, YamlMap.Empty.ToBuilder());
                Entry(maps[number], field, reader.Bytes(), depth);
            }
            else if (field.IsList)
            {
                lists ??= [];
                lists.TryAdd(number, []);
                Item(lists[number], field, ref reader, type, depth);
            }
            else if (Value(field, ref reader, type, depth) is { } value)
            {
                into.Set(field.Name, value);
            }
        }

        foreach (var (number, items) in lists ?? [])
        {
            into.Set(fields[number].Name, new YamlList(items));
        }

        foreach (var (number, entries) in maps ?? [])
        {
            into.Set(fields[number].Name, entries.ToMap());
        }
    }

    private void Item(List<YamlNode> items, WireField field, ref WireReader reader, WireType type, int depth)
    {
        // Numbers in a list may be packed into one run of bytes.
        if (type == WireType.Bytes && field.Form is (WireForm.Integer or WireForm.Boolean))
        {
            var packed = new WireReader(reader.Bytes());
            while (!packed.AtEnd)
            {
                items.Add(Value(field, ref packed, WireType.Varint, depth)!);
            }

            return;
        }

        if (Value(field, ref reader, type, depth) is { } value)
        {
            items.Add(value);
        }
    }

    private void Entry(YamlMapBuilder entries, WireField field, ReadOnlySpan<byte> bytes, int depth)
    {
        var key = "";
        YamlNode? value = null;
        var reader = new WireReader(bytes);
        while (!reader.AtEnd)
        {
            var (number, type) = reader.Tag();
            if (number == 1 && type == WireType.Bytes)
            {
                key = Text(reader.Bytes());
            }
            else if (number == 2)
            {
                value = Value(field, ref reader, type, depth);
            }
            else
            {
                reader.Skip(type);
            }
        }

        entries.Set(key, value ?? YamlScalar.Empty);
    }

    // Null when the value is a zero that nobody said.
    private YamlNode? Value(WireField field, ref WireReader reader, WireType type, int depth)
    {
        if (++_values > MostValues)
        {
            throw WireReader.Damaged($"more than {MostValues} values");
        }

        if (field.Form is WireForm.Integer or WireForm.Boolean)
        {
            var number = (long)reader.Number(type);
            return number == 0 && !field.KeepsZero ? null : field.Form == WireForm.Boolean ? YamlScalar.Boolean(number != 0) : YamlScalar.Integer(number);
        }

        if (type != WireType.Bytes)
        {
            throw WireReader.Damaged($"a number in the field {field.Name}");
        }

        var bytes = reader.Bytes();
        switch (field.Form)
        {
            case WireForm.Text:
                return bytes.IsEmpty && !field.KeepsZero ? null : YamlScalar.String(Text(bytes));
            case WireForm.Bytes:
                return bytes.IsEmpty && !field.KeepsZero ? null : YamlScalar.String(Convert.ToBase64String(bytes));
            case WireForm.Time or WireForm.MicroTime:
                return WireValues.Time(bytes, field.Form == WireForm.MicroTime);
            case WireForm.Quantity:
                return WireValues.Quantity(bytes);
            case WireForm.IntOrString:
                return WireValues.IntOrString(bytes);
            case WireForm.Duration:
                return WireValues.Duration(bytes);
            case WireForm.Json:
                return Json(bytes);
            default:
                // A named list is a message of its own whose only field is the list.
                var inner = Message(field.Message, bytes, depth + 1);
                return WireFields.Of(field.Message) is { Count: 1 } only && only.Values[0].Name.Length == 0 ? inner[""] ?? YamlList.Empty : inner;
        }
    }

    private static YamlNode? Json(ReadOnlySpan<byte> bytes)
    {
        var raw = WireValues.First(bytes);
        if (raw.IsEmpty)
        {
            return null;
        }

        try
        {
            return JsonText.Read(raw.ToArray(), RawJson);
        }
        catch (YamlException error)
        {
            throw WireReader.Damaged(string.Create(CultureInfo.InvariantCulture, $"JSON within it: {error.Message}"));
        }
    }

    public static string Text(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw WireReader.Damaged("a text that is not UTF-8");
        }
    }
}
