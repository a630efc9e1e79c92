using Capstan.Yaml;

namespace Capstan.Kustomize;

/// <summary>What kind of thing is wrong with a kustomization.</summary>
public enum KustomizeProblem
{
    /// <summary>A file is malformed, names something that is not there, or asks for something impossible.</summary>
    Invalid,

    /// <summary>The kustomization asks for something that is not allowed here: a plugin, a remote base, a chart, a file outside of its folder.</summary>
    NotAllowed,

    /// <summary>The kustomization is larger than allowed.</summary>
    TooLarge,
}

/// <summary>A kustomization that cannot be built. The message says what, where (<c>file:line:column</c>) and why.</summary>
public sealed class KustomizeException : FormatException
{
    /// <summary>Tells what is wrong.</summary>
    /// <param name="problem">What is wrong, in one sentence.</param>
    /// <param name="file">The file, relative to the tree's root; null when no file is to blame.</param>
    /// <param name="position">Where in the file.</param>
    /// <param name="kind">What kind of problem it is.</param>
    /// <param name="inner">What a library said.</param>
    public KustomizeException(
        string problem, string? file = null, Position position = default, KustomizeProblem kind = KustomizeProblem.Invalid, Exception? inner = null)
        : base(file is null ? problem : position.IsKnown ? $"{file}:{position}: {problem}" : $"{file}: {problem}", inner)
    {
        Problem = problem;
        File = file;
        Position = position;
        Kind = kind;
    }

    /// <summary>What is wrong, without the place.</summary>
    public string Problem { get; }

    /// <summary>The file, relative to the tree's root; null when no file is to blame.</summary>
    public string? File { get; }

    /// <summary>Where in the file; <see cref="Position.None"/> when only the file is known.</summary>
    public Position Position { get; }

    /// <summary>What kind of problem it is.</summary>
    public KustomizeProblem Kind { get; }

    /// <summary>The same problem, blamed on a place, when no place is known yet.</summary>
    internal KustomizeException At(string file, Position position) =>
        File is null ? new KustomizeException(Problem, file, position, Kind, InnerException) : this;
}
