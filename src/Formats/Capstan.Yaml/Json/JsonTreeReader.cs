using System.Text;
using System.Text.Json;

namespace Capstan.Yaml;

/// <summary>
/// Builds a tree from JSON without recursion, so that deep input meets the depth limit and never the end of the stack.
/// </summary>
internal ref struct JsonTreeReader
{
    private static readonly YamlScalar PlainNull = YamlScalar.Null;

    private readonly ReadOnlySpan<byte> _utf8;
    private readonly ReadLimits _limits;
    private readonly bool _withPositions;

    // One frame for each depth, used again for every map and list at that depth: what is read costs its own memory and little more.
    private readonly List<Frame> _frames;
    private readonly KeyPool _keys;
    private Utf8JsonReader _reader;
    private int _depth;
    private int _nodes;
    private long _lineStart;
    private long _lineScanned;
    private int _line;

    public JsonTreeReader(ReadOnlySpan<byte> utf8, ReadLimits limits, bool withPositions)
    {
        _utf8 = utf8.StartsWith("\uFEFF"u8) ? utf8[3..] : utf8;
        _limits = limits;
        _withPositions = withPositions;
        _frames = new List<Frame>(8);
        _keys = KeyPool.Shared;
        _line = 1;

        // The reader's own depth limit is one more than ours, so that ours speaks first and in our words.
        _reader = new Utf8JsonReader(_utf8, new JsonReaderOptions { MaxDepth = limits.MaxDepth + 1 });
    }

    public YamlNode Read()
    {
        if (_utf8.Length > _limits.MaxBytes)
        {
            throw new YamlException($"the input has {_utf8.Length:N0} bytes, more than the {_limits.MaxBytes:N0} allowed", Position.None);
        }

        try
        {
            return ReadTree();
        }
        catch (JsonException error)
        {
            var position = new Position((int)(error.LineNumber ?? 0) + 1, (int)(error.BytePositionInLine ?? 0) + 1);
            throw new YamlException($"invalid JSON: {Reason(error)}", position, LineAt(position.Line), error);
        }
        catch (InvalidOperationException error) when (error.InnerException is DecoderFallbackException or ArgumentException)
        {
            throw new YamlException("invalid UTF-8", Here(), null, error);
        }
    }

    private YamlNode ReadTree()
    {
        YamlNode? result = null;
        while (_reader.Read())
        {
            var position = _withPositions ? Here() : Position.None;
            YamlNode? value = null;
            switch (_reader.TokenType)
            {
                case JsonTokenType.StartObject:
                    Push(isMap: true, position);
                    continue;
                case JsonTokenType.StartArray:
                    Push(isMap: false, position);
                    continue;
                case JsonTokenType.PropertyName:
                    var frame = _frames[_depth - 1];
                    frame.Key = _keys.Get(ref _reader);
                    frame.KeyPosition = position;
                    continue;
                case JsonTokenType.EndObject:
                    var map = _frames[--_depth];
                    value = map.Map.ToMap(map.Start);
                    break;
                case JsonTokenType.EndArray:
                    var list = _frames[--_depth];
                    value = list.List.Count == 0 && !list.Start.IsKnown ? YamlList.Empty : new YamlList(list.List.ToArray(), list.Start);
                    break;
                case JsonTokenType.String:
                    value = YamlScalar.String(_keys.GetShort(ref _reader), position);
                    break;
                case JsonTokenType.Number:
                    value = Number(position);
                    break;
                case JsonTokenType.True:
                    value = position.IsKnown ? YamlScalar.True.At(position) : YamlScalar.True;
                    break;
                case JsonTokenType.False:
                    value = position.IsKnown ? YamlScalar.False.At(position) : YamlScalar.False;
                    break;
                default:
                    value = position.IsKnown ? PlainNull.At(position) : PlainNull;
                    break;
            }

            if (++_nodes > _limits.MaxNodes)
            {
                throw new YamlException($"the input has more than {_limits.MaxNodes:N0} nodes", Here());
            }

            if (_depth > 0)
            {
                Add(_frames[_depth - 1], value);
            }
            else
            {
                result = value;
            }
        }

        return result ?? throw new YamlException("the input is empty", Position.None);
    }

    private void Push(bool isMap, Position start)
    {
        if (_depth >= _limits.MaxDepth)
        {
            throw new YamlException($"maps and lists are nested more than {_limits.MaxDepth:N0} deep", Here());
        }

        if (_depth == _frames.Count)
        {
            _frames.Add(new Frame());
        }

        var frame = _frames[_depth++];
        (frame.IsMap, frame.Start) = (isMap, start);
        frame.Map.Clear();
        frame.List.Clear();
    }

    private readonly void Add(Frame parent, YamlNode value)
    {
        if (!parent.IsMap)
        {
            parent.List.Add(value);
            return;
        }

        var entry = new YamlEntry(parent.Key!, value, parent.KeyPosition);
        if (parent.Map.Add(entry))
        {
            return;
        }

        if (_limits.DuplicateKeys == DuplicateKeys.Refuse)
        {
            throw new YamlException($"the key \"{parent.Key}\" is there twice in one map", parent.KeyPosition) { IsDuplicateKey = true };
        }

        parent.Map.Set(entry.Key, entry.Value, entry.KeyPosition);
    }

    private readonly YamlScalar Number(Position position)
    {
        var raw = _reader.ValueSpan;
        if (raw.IndexOfAny((byte)'.', (byte)'e', (byte)'E') < 0 && _reader.TryGetInt64(out var integer))
        {
            return position.IsKnown ? YamlScalar.Integer(integer).At(position) : YamlScalar.Integer(integer);
        }

        var number = _reader.GetDouble();
        if (!double.IsFinite(number))
        {
            throw new YamlException($"the number {Encoding.ASCII.GetString(raw)} is out of range", position);
        }

        return new YamlScalar(GoNumbers.Format(number), ScalarKind.Float, ScalarStyle.Plain, position);
    }

    private Position Here()
    {
        var at = _reader.TokenStartIndex;
        while (_lineScanned < at)
        {
            var next = _utf8[(int)_lineScanned..(int)at].IndexOf((byte)'\n');
            if (next < 0)
            {
                break;
            }

            _lineScanned += next + 1;
            _lineStart = _lineScanned;
            _line++;
        }

        _lineScanned = at;
        return new Position(_line, (int)(at - _lineStart) + 1);
    }

    private readonly string? LineAt(int line)
    {
        var rest = _utf8;
        for (var i = 1; i < line; i++)
        {
            var next = rest.IndexOf((byte)'\n');
            if (next < 0)
            {
                return null;
            }

            rest = rest[(next + 1)..];
        }

        var end = rest.IndexOf((byte)'\n');
        rest = end < 0 ? rest : rest[..end];
        return Encoding.UTF8.GetString(rest[..Math.Min(rest.Length, 200)]);
    }

    // The library appends its own position, which the message has already.
    private static string Reason(JsonException error)
    {
        var end = error.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return (end < 0 ? error.Message : error.Message[..end]).TrimEnd('.', ' ');
    }

    private sealed class Frame
    {
        public readonly YamlMapBuilder Map = new(8);
        public readonly List<YamlNode> List = [];
        public bool IsMap;
        public string? Key;
        public Position KeyPosition;
        public Position Start;
    }
}
