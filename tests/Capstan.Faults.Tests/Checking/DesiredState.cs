using System.Text.RegularExpressions;
using Capstan.Faults.Tests.Load;

namespace Capstan.Faults.Tests.Checking;

/// <summary>What the repositories say should be, read with git and a reader of its own that shares nothing with the product.</summary>
internal static partial class DesiredState
{
    /// <summary>The commit of main and its objects: name to value or replicas.</summary>
    public static async Task<(string Commit, IReadOnlyDictionary<string, string> Objects)> ReadAsync(LoadSettings settings, int application)
    {
        var bare = Path.Combine(settings.Data, "git", LoadSettings.NameOf(application) + ".git");
        var commit = await Git.RunAsync(bare, "rev-parse", "main");
        var text = await Git.RunAsync(bare, "grep", "--no-color", "-h", "-E", "name: |value: |replicas: ", commit, "--", "deploy");
        var objects = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (Match match in Manifest().Matches(text)) objects[match.Groups[1].Value] = match.Groups[2].Value;
        return (commit, objects);
    }

    [GeneratedRegex("""metadata: \{name: ([a-z0-9-]+)\}\n(?:data: \{value: "|  replicas: )(\d+)""")]
    private static partial Regex Manifest();
}
