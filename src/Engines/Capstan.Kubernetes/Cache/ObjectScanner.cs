using System.Text.Json;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Kubernetes;

/// <summary>Reads the header of an object from its bytes without building a tree of it.</summary>
internal sealed class ObjectScanner(LiveCacheOptions options)
{
    private static readonly JsonReaderOptions Json = new() { MaxDepth = 1001 };

    private volatile HashSet<string> _marks = [.. options.Marks];

    // Namespaces and kinds repeat in every object; one string each will do. Bounded by starting anew.
    private readonly Dictionary<string, string> _spaces = [];

    /// <summary>Says which labels and annotations are at hand from now on.</summary>
    public void Mark(IEnumerable<string> marks) => _marks = [.. marks];

    /// <summary>The same object with the marks of now.</summary>
    public CachedObject Again(CachedObject held)
    {
        var json = held.Json();
        return new CachedObject(Header(json), held.Kind, json);
    }

    /// <summary>Makes the cache's form of an object.</summary>
    /// <exception cref="YamlException">The bytes are no object.</exception>
    public CachedObject Scan(GroupVersionKind kind, ReadOnlySpan<byte> json)
    {
        try
        {
            var header = Header(json);
            var strips = !header.ManagedFields.Equals(default) && options.DropsManagedFields(new MarkedObject(kind.GroupKind, header));
            return new CachedObject(header, kind, strips ? Without(json, header.ManagedFields) : json.ToArray());
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new YamlException($"no Kubernetes object: {error.Message}", Position.None, inner: error);
        }
    }

    /// <summary>Makes an object of one that says itself which kind it is.</summary>
    /// <exception cref="YamlException">The bytes are no object.</exception>
    public CachedObject Scan(ReadOnlySpan<byte> json)
    {
        try
        {
            var header = Header(json);
            return new CachedObject(header, GroupVersionKind.From(header.ApiVersion, header.Kind), json.ToArray());
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new YamlException($"no Kubernetes object: {error.Message}", Position.None, inner: error);
        }
    }

    /// <summary>The items of a list, one by one, and its metadata.</summary>
    /// <exception cref="YamlException">The bytes are no list.</exception>
    public ListHeader ScanList(GroupVersionKind kind, ReadOnlySpan<byte> json, Action<CachedObject> add)
    {
        try
        {
            var list = new ListHeader("", "");
            var reader = new Utf8JsonReader(json, Json);
            var complete = false;
            Begin(ref reader);
            while (Next(ref reader))
            {
                if (reader.ValueTextEquals("metadata"u8))
                {
                    list = ListMetadata(ref reader);
                }
                else if (reader.ValueTextEquals("items"u8))
                {
                    complete = true;
                    Items(ref reader, kind, json, add);
                }
                else
                {
                    reader.Read();
                    reader.Skip();
                }
            }

            // An answer without items is somebody else's: taking it for an empty list would delete everything.
            return complete && list.ResourceVersion.Length > 0 ? list : throw new YamlException("no Kubernetes list: items or resourceVersion are missing", Position.None);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new YamlException($"no Kubernetes list: {error.Message}", Position.None, inner: error);
        }
    }

    private void Items(ref Utf8JsonReader reader, GroupVersionKind kind, ReadOnlySpan<byte> json, Action<CachedObject> add)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
        {
            return;
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            add(Scan(kind, json[start..(int)reader.BytesConsumed]));
        }
    }

    private static ListHeader ListMetadata(ref Utf8JsonReader reader)
    {
        var (version, token) = ("", "");
        Begin(ref reader);
        while (Next(ref reader))
        {
            if (reader.ValueTextEquals("resourceVersion"u8))
            {
                version = Text(ref reader);
            }
            else if (reader.ValueTextEquals("continue"u8))
            {
                token = Text(ref reader);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return new ListHeader(version, token);
    }

    private ObjectHeader Header(ReadOnlySpan<byte> json)
    {
        var header = new ObjectHeader { Namespace = "", Name = "", Uid = "", ResourceVersion = "", ApiVersion = "", Kind = "", Owners = [], Marks = [] };
        var reader = new Utf8JsonReader(json, Json);
        Begin(ref reader);
        while (Next(ref reader))
        {
            if (reader.ValueTextEquals("metadata"u8))
            {
                Metadata(ref reader, ref header);
            }
            else if (reader.ValueTextEquals("apiVersion"u8))
            {
                header.ApiVersion = Shared(Text(ref reader));
            }
            else if (reader.ValueTextEquals("kind"u8))
            {
                header.Kind = Shared(Text(ref reader));
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return header;
    }

    private void Metadata(ref Utf8JsonReader reader, ref ObjectHeader header)
    {
        var end = -1;
        List<KeyValuePair<string, string>>? marks = null;
        Begin(ref reader);
        while (Next(ref reader))
        {
            switch (JsonText.ReadString(ref reader))
            {
                case "name":
                    header.Name = Text(ref reader);
                    break;
                case "namespace":
                    header.Namespace = Shared(Text(ref reader));
                    break;
                case "uid":
                    header.Uid = Text(ref reader);
                    break;
                case "resourceVersion":
                    header.ResourceVersion = Text(ref reader);
                    break;
                case "generation":
                    reader.Read();
                    header.Generation = reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var number) ? number : 0;
                    break;
                case "deletionTimestamp":
                    reader.Read();
                    header.IsBeingDeleted = reader.TokenType != JsonTokenType.Null;
                    break;
                case "labels" or "annotations":
                    Marks(ref reader, ref marks);
                    break;
                case "ownerReferences":
                    header.Owners = Owners(ref reader);
                    break;
                case "managedFields":
                    reader.Read();
                    reader.Skip();
                    header.ManagedFields = end < 0 ? default : end..(int)reader.BytesConsumed;
                    break;
                default:
                    reader.Read();
                    reader.Skip();
                    break;
            }

            end = (int)reader.BytesConsumed;
        }

        header.Marks = marks is null ? [] : [.. marks];
    }

    private void Marks(ref Utf8JsonReader reader, ref List<KeyValuePair<string, string>>? marks)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (Next(ref reader))
        {
            if (_marks.TryGetValue(JsonText.ReadString(ref reader), out var known))
            {
                reader.Read();
                (marks ??= []).Add(new(known, reader.TokenType == JsonTokenType.String ? JsonText.ReadString(ref reader) : ""));
            }
            else
            {
                reader.Read();
            }

            reader.Skip();
        }
    }

    private static OwnerReference[] Owners(ref Utf8JsonReader reader)
    {
        var owners = new List<OwnerReference>(1);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return [];
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            var (version, kind, name, uid, controller) = ("", "", "", "", false);
            while (Next(ref reader))
            {
                switch (JsonText.ReadString(ref reader))
                {
                    case "apiVersion":
                        version = Text(ref reader);
                        break;
                    case "kind":
                        kind = Text(ref reader);
                        break;
                    case "name":
                        name = Text(ref reader);
                        break;
                    case "uid":
                        uid = Text(ref reader);
                        break;
                    case "controller":
                        reader.Read();
                        controller = reader.TokenType == JsonTokenType.True;
                        break;
                    default:
                        reader.Read();
                        reader.Skip();
                        break;
                }
            }

            owners.Add(new OwnerReference(GroupVersionKind.From(version, kind), name, uid, controller));
        }

        return [.. owners];
    }

    private static void Begin(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException($"a map was expected, not {reader.TokenType}");
        }
    }

    private static bool Next(ref Utf8JsonReader reader) => reader.Read() && reader.TokenType == JsonTokenType.PropertyName;

    private static string Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.String ? JsonText.ReadString(ref reader) : "";
    }

    private string Shared(string space)
    {
        lock (_spaces)
        {
            if (_spaces.TryGetValue(space, out var known))
            {
                return known;
            }

            if (_spaces.Count > 10_000)
            {
                _spaces.Clear();
            }

            return _spaces[space] = space;
        }
    }

    private static byte[] Without(ReadOnlySpan<byte> json, Range range)
    {
        var (offset, length) = range.GetOffsetAndLength(json.Length);
        var rest = new byte[json.Length - length];
        json[..offset].CopyTo(rest);
        json[(offset + length)..].CopyTo(rest.AsSpan(offset));
        return rest;
    }
}

/// <summary>The metadata of a list.</summary>
internal readonly record struct ListHeader(string ResourceVersion, string Continue);
