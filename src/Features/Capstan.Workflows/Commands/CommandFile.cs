namespace Capstan.Workflows.Commands;

/// <summary>The files behind <c>GITHUB_OUTPUT</c>, <c>GITHUB_ENV</c> and <c>GITHUB_STATE</c>: lines <c>NAME=VALUE</c>, or <c>NAME&lt;&lt;END</c>, lines, <c>END</c>.</summary>
internal static class CommandFile
{
    /// <summary>The largest file that is read.</summary>
    public const int LargestFile = 1 << 20;

    /// <summary>The pairs of a file in order.</summary>
    /// <exception cref="WorkflowException">A line is neither of the two forms, or an end is missing.</exception>
    public static IReadOnlyList<KeyValuePair<string, string>> Parse(string variable, string text)
    {
        var pairs = new List<KeyValuePair<string, string>>();
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].TrimEnd('\r');
            if (line.Length == 0) continue;
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            var heredoc = line.IndexOf("<<", StringComparison.Ordinal);
            if (equals > 0 && (heredoc < 0 || equals < heredoc))
            {
                pairs.Add(new(line[..equals], line[(equals + 1)..]));
            }
            else if (heredoc > 0)
            {
                var delimiter = line[(heredoc + 2)..];
                if (delimiter.Length == 0) throw new WorkflowException($"{variable}: line {i + 1}: nothing stands behind <<");
                var end = Array.FindIndex(lines, i + 1, l => l.TrimEnd('\r') == delimiter);
                if (end < 0) throw new WorkflowException($"{variable}: line {i + 1}: the value of '{line[..heredoc]}' has no end: no line is '{delimiter}'");
                pairs.Add(new(line[..heredoc], string.Join('\n', lines[(i + 1)..end].Select(l => l.TrimEnd('\r')))));
                i = end;
            }
            else
            {
                throw new WorkflowException($"{variable}: line {i + 1}: is no NAME=VALUE: '{(line.Length > 80 ? line[..80] + "…" : line)}'");
            }
        }

        return pairs;
    }
}
