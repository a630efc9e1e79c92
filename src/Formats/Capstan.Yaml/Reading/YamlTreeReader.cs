using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using CoreException = YamlDotNet.Core.YamlException;

namespace Capstan.Yaml;

/// <summary>
/// Builds trees from a parser's events without recursion, so that deep input meets the depth limit and never the end of the stack.
/// </summary>
internal sealed class YamlTreeReader
{
    private readonly Scanner _scanner;
    private readonly Parser _parser;
    private readonly Stack<ReadFrame> _frames = new();
    private readonly Stack<MapFrame> _spareMaps = new();
    private readonly Stack<ListFrame> _spareLists = new();
    private readonly Dictionary<string, YamlAnchor> _anchors = new(StringComparer.Ordinal);
    private readonly string _text;
    private readonly ReadLimits _limits;
    private AliasBudget _budget;
    private YamlNode? _root;

    public YamlTreeReader(string text, ReadLimits limits)
    {
        _text = text;
        _limits = limits;
        _scanner = new Scanner(new StringReader(text), skipComments: true);
        _parser = new Parser(_scanner);
        _budget = new AliasBudget(limits);
    }

    /// <summary>All documents, empty ones as null.</summary>
    public List<YamlNode> ReadDocuments()
    {
        var documents = new List<YamlNode>();
        try
        {
            while (_parser.MoveNext())
            {
                Take(_parser.Current!, documents);
            }

            return documents;
        }
        catch (CoreException error)
        {
            var position = At(error.Start);
            throw new YamlException(ScannerWords.Reason(error), position, YamlInput.Line(_text, position.Line), error);
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException or OverflowException or IndexOutOfRangeException)
        {
            // The scanner meets a few inputs with the exceptions of what it calls. It still knows how far it came.
            var position = At(_scanner.CurrentPosition);
            throw new YamlException(ScannerWords.Unforeseen, position, YamlInput.Line(_text, position.Line), error);
        }
        catch (YamlException error) when (error.Line is null && error.Position.IsKnown)
        {
            throw new YamlException(error.Problem, error.Position, YamlInput.Line(_text, error.Position.Line), error.InnerException) { IsDuplicateKey = error.IsDuplicateKey };
        }
    }

    private static Position At(in Mark mark) => new((int)mark.Line, (int)mark.Column);

    private void Take(ParsingEvent happened, List<YamlNode> documents)
    {
        var position = At(happened.Start);
        switch (happened)
        {
            case DocumentStart:
                _anchors.Clear();
                _budget = new AliasBudget(_limits);
                _root = null;
                break;
            case DocumentEnd:
                documents.Add(_root ?? YamlScalar.Null);
                break;
            case MappingStart map:
                Push((_spareMaps.TryPop(out var entries) ? entries : new MapFrame(_limits)).Begin(position, Anchor(map.Anchor), _budget.Steps), position);
                break;
            case SequenceStart list:
                Push((_spareLists.TryPop(out var items) ? items : new ListFrame()).Begin(position, Anchor(list.Anchor), _budget.Steps), position);
                break;
            case MappingEnd or SequenceEnd:
                Finish(_frames.Pop());
                break;
            case Scalar scalar:
                TakeScalar(scalar, Anchor(scalar.Anchor), position);
                break;
            case AnchorAlias alias:
                TakeAlias(alias.Value.Value, position);
                break;
        }
    }

    // Registered before the node is read, so that an alias inside it is known to be a cycle.
    private YamlAnchor? Anchor(AnchorName name) => name.IsEmpty ? null : _anchors[name.Value] = new YamlAnchor();

    private void Push(ReadFrame frame, Position position)
    {
        if (_frames.Count >= _limits.MaxDepth)
        {
            throw new YamlException($"maps and lists are nested more than {_limits.MaxDepth:N0} deep", position);
        }

        if (_frames.TryPeek(out var parent) && parent is MapFrame { WantsKey: true })
        {
            throw new YamlException(
                frame is MapFrame
                    ? "a map cannot be a key (a template expression {{ … }} must be in quotes)"
                    : "a list cannot be a key",
                position);
        }

        if (parent is not MapFrame { Merging: true } || frame is MapFrame)
        {
            _budget.Step(position);
        }

        _frames.Push(frame);
    }

    private void Finish(ReadFrame frame)
    {
        var node = frame.Finish();
        if (frame.Anchor is { } anchor)
        {
            anchor.Node = node;
            anchor.Steps = _budget.Steps - frame.FirstStep;
        }

        Place(node, fromAlias: false);
        if (frame is MapFrame map)
        {
            _spareMaps.Push(map);
        }
        else
        {
            _spareLists.Push((ListFrame)frame);
        }
    }

    private void TakeScalar(Scalar scalar, YamlAnchor? anchor, Position position)
    {
        if (anchor is not null)
        {
            anchor.Scalar = scalar;
            anchor.Steps = 1;
        }

        if (_frames.TryPeek(out var parent) && parent is MapFrame { WantsKey: true } map)
        {
            map.KeyPosition = position;
            map.Merging = ScalarReader.IsMerge(scalar);
            if (!map.Merging)
            {
                _budget.Step(position);
                map.Key = ScalarReader.Key(scalar, position, _limits.Dialect);
            }

            return;
        }

        _budget.Step(position);
        var node = ScalarReader.Read(scalar, position, _limits.Dialect);
        if (anchor is not null)
        {
            anchor.Node = node;
        }

        Place(node, fromAlias: false);
    }

    private void TakeAlias(string name, Position position)
    {
        if (!_anchors.TryGetValue(name, out var anchor))
        {
            throw new YamlException($"the anchor \"{name}\" that this alias names is not there", position);
        }

        if (anchor.Node is null && anchor.Scalar is null)
        {
            throw new YamlException($"the value of the anchor \"{name}\" contains itself", position);
        }

        _budget.Alias(anchor.Steps, position);
        if (_frames.TryPeek(out var parent) && parent is MapFrame { WantsKey: true } map)
        {
            map.KeyPosition = position;
            map.Key = anchor.Scalar is { } scalar
                ? ScalarReader.Key(scalar, position, _limits.Dialect)
                : throw new YamlException($"{anchor.Node!.Description} cannot be a key", position);
            return;
        }

        // A scalar that was anchored as a key becomes a value only here.
        Place(anchor.Node ??= ScalarReader.Read(anchor.Scalar!, position, _limits.Dialect), fromAlias: true);
    }

    private void Place(YamlNode node, bool fromAlias)
    {
        if (!_frames.TryPeek(out var parent))
        {
            _root = node;
        }
        else if (parent is MapFrame map)
        {
            map.Take(node, fromAlias);
        }
        else
        {
            ((ListFrame)parent).Items.Add(node);
        }
    }
}
