using System.Runtime.CompilerServices;

namespace Capstan.Workflows.Tests;

/// <summary>Where the tests' files are.</summary>
internal static class TestFiles
{
    public static string Root { get; } = Path.GetFullPath("../..", Here());

    public static string Project { get; } = Here();

    private static string Here([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
