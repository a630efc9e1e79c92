using Capstan.Api.Applications;

namespace Capstan.Server.Pages;

/// <summary>A box of the picture.</summary>
/// <param name="Node">The object.</param>
/// <param name="X">Its left edge.</param>
/// <param name="Y">Its upper edge.</param>
/// <param name="Depth">How many owners stand above it.</param>
/// <param name="Hidden">How many objects are folded away beneath it.</param>
public sealed record TreeBox(TreeNode Node, int X, int Y, int Depth, int Hidden)
{
    /// <summary>The kind.</summary>
    public string Kind => Node.Object[..Node.Object.IndexOf('/', StringComparison.Ordinal)];

    /// <summary>The name without kind and namespace; of a group, how many it stands for.</summary>
    public string Name => IsGroup ? $"{Node.Children.Count} objects" : Node.Object[(Node.Object.LastIndexOf('/') + 1)..];

    /// <summary>Whether it owns anything.</summary>
    public bool HasChildren => Node.Children.Count > 0;

    /// <summary>Whether it stands for many objects of one kind.</summary>
    public bool IsGroup => Node.Object.EndsWith(TreePicture.GroupMark, StringComparison.Ordinal);
}

/// <summary>A line from an owner to what it owns.</summary>
/// <param name="X1">From where.</param>
/// <param name="Y1">From where.</param>
/// <param name="X2">To where.</param>
/// <param name="Y2">To where.</param>
public sealed record TreeLine(int X1, int Y1, int X2, int Y2);

/// <summary>A tree of objects, laid out from left to right: each leaf on a line of its own, each owner in the middle of what it owns.</summary>
/// <param name="Boxes">The boxes, from the top.</param>
/// <param name="Lines">The lines.</param>
/// <param name="Width">The picture's width.</param>
/// <param name="Height">The picture's height.</param>
/// <param name="Total">How many objects there are, folded ones too.</param>
public sealed record TreePicture(IReadOnlyList<TreeBox> Boxes, IReadOnlyList<TreeLine> Lines, int Width, int Height, int Total)
{
    /// <summary>A box's width.</summary>
    public const int BoxWidth = 230;

    /// <summary>A box's height.</summary>
    public const int BoxHeight = 38;

    private const int Column = BoxWidth + 46;
    private const int Row = BoxHeight + 10;
    private const int Margin = 4;

    /// <summary>What follows the kind in the name of a group; no object's name has it.</summary>
    internal const string GroupMark = "/*";

    /// <summary>Above this many objects everything beneath the first owners is folded, unless it was asked for.</summary>
    private const int MostUnfolded = 400;

    /// <summary>In such a tree, of more objects of one kind than these one box is made.</summary>
    private const int MostOfOneKind = 40;
    private static readonly string[] WorstFirst = ["Degraded", "Missing", "Unknown", "Progressing", "Suspended", "Healthy"];

    /// <summary>Lays a tree out.</summary>
    /// <param name="root">The application with its objects.</param>
    /// <param name="toggled">Objects whose folding was changed by hand.</param>
    public static TreePicture Of(TreeNode root, IReadOnlySet<string> toggled)
    {
        var total = Count(root) - 1;
        var drawing = new Drawing(toggled, total > MostUnfolded);
        drawing.Place(total > MostUnfolded ? Grouped(root) : root, 0);
        return new TreePicture([.. drawing.Boxes.OrderBy(b => b.Y).ThenBy(b => b.X)], drawing.Lines, drawing.Width + Margin, drawing.NextRow + Margin, total);
    }

    private static int Count(TreeNode node)
    {
        // The engine built the tree no deeper than its own bound.
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        return (node.Object.EndsWith(GroupMark, StringComparison.Ordinal) ? 0 : 1) + node.Children.Sum(Count);
    }

    /// <summary>Nobody reads thousands of boxes of one kind: one stands for them, in the worst of their states. What is not green stays beside it.</summary>
    private static TreeNode Grouped(TreeNode root) => root with
    {
        Children = [.. root.Children.GroupBy(c => (Kind: c.Object[..c.Object.IndexOf('/', StringComparison.Ordinal)], Green: IsGreen(c))).SelectMany(g =>
            g.Count() <= MostOfOneKind ? g : (IEnumerable<TreeNode>)[Group(g.Key.Kind, g.Key.Green, [.. g])])],
    };

    private static TreeNode Group(string kind, bool green, IReadOnlyList<TreeNode> members) => new(
        $"{kind}/{(green ? "green" : "other")}{GroupMark}", members.Any(m => m.Sync == "OutOfSync") ? "OutOfSync" : members[0].Sync,
        members.Select(m => m.Health).OfType<string>().DefaultIfEmpty().MinBy(h => Array.IndexOf(WorstFirst, h)), null, members);

    private static bool IsGreen(TreeNode node) => node is { Health: null or "Healthy", Sync: not "OutOfSync" };

    private sealed class Drawing(IReadOnlySet<string> toggled, bool folds)
    {
        public List<TreeBox> Boxes { get; } = [];

        public List<TreeLine> Lines { get; } = [];

        public int Width { get; private set; }

        public int NextRow { get; private set; } = Margin;

        /// <returns>The middle of the box's left edge.</returns>
        public int Place(TreeNode node, int depth)
        {
            System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
            var x = Margin + depth * Column;
            var folded = node.Children.Count > 0 && depth > 0 && (folds && depth == 1) != toggled.Contains(node.Object);
            var middles = folded ? [] : node.Children.Select(c => Place(c, depth + 1)).ToArray();
            int y;
            if (middles.Length == 0)
            {
                y = NextRow;
                NextRow += Row;
            }
            else
            {
                y = (middles[0] + middles[^1]) / 2 - BoxHeight / 2;
            }
            Width = Math.Max(Width, x + BoxWidth);
            Boxes.Add(new TreeBox(node, x, y, depth, folded ? node.Children.Sum(Count) : 0));
            Lines.AddRange(middles.Select(m => new TreeLine(x + BoxWidth, y + BoxHeight / 2, x + Column, m)));
            return y + BoxHeight / 2;
        }
    }
}
