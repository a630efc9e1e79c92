namespace Capstan.Registry.Building.Dockerfiles;

/// <summary>One instruction of a Dockerfile, as it was written.</summary>
/// <param name="Keyword">In upper case.</param>
/// <param name="Flags">Its <c>--name=value</c>, in order.</param>
/// <param name="Text">The rest, on one line.</param>
/// <param name="Place">File and line, for messages.</param>
internal sealed record Instruction(string Keyword, IReadOnlyList<(string Name, string Value)> Flags, string Text, string Place)
{
    /// <summary>How the image's history tells it.</summary>
    public string Told => $"{Keyword} {string.Concat(Flags.Select(f => $"--{f.Name}={f.Value} "))}{Text}".TrimEnd();

    public BuildException Wrong(string why, bool needsEngine = false) => new($"{Place}: {Keyword}: {why}", needsEngine);
}
