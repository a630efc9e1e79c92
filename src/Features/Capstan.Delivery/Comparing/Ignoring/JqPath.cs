using Capstan.Yaml;

namespace Capstan.Delivery.Comparing.Ignoring;

/// <summary>
/// A path in jq's language, as <c>ignoreDifferences.jqPathExpressions</c> holds them: fields, items, <c>[]</c>, <c>?</c>, pipes, commas, <c>select</c> with
/// comparisons, <c>and</c>, <c>or</c>, <c>not</c>, and the functions that paths are chosen by. The rest of jq is refused when the path is read.
/// </summary>
internal sealed class JqPath
{
    private const int MostSteps = 200_000;

    private readonly JqNode _root;

    private JqPath(string text, JqNode root) => (Text, _root) = (text, root);

    /// <summary>The path as written.</summary>
    public string Text { get; }

    /// <summary>Reads a path.</summary>
    /// <param name="text">The text.</param>
    /// <param name="path">The path.</param>
    /// <param name="problem">Why it cannot be read, with the column.</param>
    public static bool TryParse(string text, out JqPath? path, out string problem)
    {
        try
        {
            (path, problem) = (new JqPath(text, new JqParser(text).Parse()), "");
            return true;
        }
        catch (FormatException e)
        {
            (path, problem) = (null, e.Message);
            return false;
        }
    }

    /// <summary>The places that it names in a tree. Where it does not apply (as a string asked for a field) there are none, as in Argo CD.</summary>
    public IReadOnlyList<Place> In(YamlNode root)
    {
        try
        {
            return [.. _root.Run(new JqValue(root, Place.Root), new JqBudget(MostSteps)).Select(v => v.Place).OfType<Place>().Where(p => p.Steps.Count > 0)];
        }
        catch (JqException)
        {
            return [];
        }
    }
}

/// <summary>A value on its way through a path, with the place it came from; null for one that was computed.</summary>
internal readonly record struct JqValue(YamlNode Node, Place? Place)
{
    public bool IsTrue => Node is not YamlScalar { Kind: ScalarKind.Null } and not YamlScalar { Kind: ScalarKind.Boolean, Text: "false" };
}

/// <summary>A path cannot be followed in this tree.</summary>
internal sealed class JqException(string message) : Exception(message);

/// <summary>Bounds the work of one path over one tree.</summary>
internal sealed class JqBudget(int steps)
{
    private int _left = steps;

    public void Spend()
    {
        if (--_left < 0)
        {
            throw new JqException("the path takes too many steps");
        }
    }
}
