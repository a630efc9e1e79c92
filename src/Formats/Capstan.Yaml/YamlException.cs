namespace Capstan.Yaml;

/// <summary>A text that is no valid YAML or JSON, or that is over a limit.</summary>
public sealed class YamlException : FormatException
{
    /// <summary>Tells what is wrong and where.</summary>
    /// <param name="problem">What is wrong, in one sentence without a position.</param>
    /// <param name="position">Where it is.</param>
    /// <param name="line">The offending line of the input, when there is one to show.</param>
    /// <param name="inner">What a library said.</param>
    public YamlException(string problem, Position position, string? line = null, Exception? inner = null)
        : base(position.IsKnown ? $"{position}: {problem}" : problem, inner)
    {
        Problem = problem;
        Position = position;
        Line = line;
    }

    /// <summary>What is wrong, without the position.</summary>
    public string Problem { get; }

    /// <summary>Where it is wrong; not known for limits on the whole input.</summary>
    public Position Position { get; }

    /// <summary>The offending line as it was written (cut at 200 characters), for messages; null when there is none.</summary>
    public string? Line { get; }

    /// <summary>Whether what is wrong is a key written twice in one map, which reading with other limits takes.</summary>
    public bool IsDuplicateKey { get; init; }

    /// <summary>The message with the name of the file: <c>path:line:column: problem</c>.</summary>
    public string In(string path) => Position.IsKnown ? $"{path}:{Position}: {Problem}" : $"{path}: {Problem}";
}
