using System.Diagnostics.CodeAnalysis;

namespace Capstan.Workflows.Commands;

/// <summary>A line of a step's output that tells the runner something: <c>::name key=value,key=value::message</c>.</summary>
/// <param name="Name">The command, in lower case.</param>
/// <param name="Properties">Its properties.</param>
/// <param name="Message">What stands behind the second <c>::</c>.</param>
public sealed record WorkflowCommand(string Name, IReadOnlyDictionary<string, string> Properties, string Message)
{
    /// <summary>A property; empty when it is not there.</summary>
    public string Property(string name) => Properties.GetValueOrDefault(name) ?? "";

    /// <summary>Reads a line.</summary>
    public static bool TryParse(string line, [NotNullWhen(true)] out WorkflowCommand? command)
    {
        command = null;
        var text = line.TrimStart();
        if (!text.StartsWith("::", StringComparison.Ordinal)) return false;
        var end = text.IndexOf("::", 2, StringComparison.Ordinal);
        if (end < 0) return false;
        var head = text[2..end];
        var space = head.IndexOf(' ', StringComparison.Ordinal);
        var name = space < 0 ? head : head[..space];
        if (name.Length == 0 || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_'))) return false;
        var properties = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var pair in space < 0 ? [] : head[(space + 1)..].Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0) properties[pair[..equals].Trim()] = Unescape(pair[(equals + 1)..], isProperty: true);
        }

        command = new WorkflowCommand(name.ToLowerInvariant(), properties, Unescape(text[(end + 2)..], isProperty: false));
        return true;
    }

    private static string Unescape(string text, bool isProperty)
    {
        if (isProperty) text = text.Replace("%3A", ":", StringComparison.OrdinalIgnoreCase).Replace("%2C", ",", StringComparison.OrdinalIgnoreCase);
        return text.Replace("%0D", "\r", StringComparison.OrdinalIgnoreCase).Replace("%0A", "\n", StringComparison.OrdinalIgnoreCase).Replace("%25", "%", StringComparison.Ordinal);
    }
}
