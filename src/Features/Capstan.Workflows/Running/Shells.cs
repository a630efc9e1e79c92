namespace Capstan.Workflows.Running;

/// <summary>What runs a script, by the words of <c>shell</c>.</summary>
internal static class Shells
{
    /// <summary>The command that runs a script's file.</summary>
    public static IReadOnlyList<string> Command(string shell, string file) => shell switch
    {
        "" => ["sh", "-c", "if command -v bash >/dev/null 2>&1; then exec bash -e \"$1\"; else exec sh -e \"$1\"; fi", "sh", file],
        "bash" => ["bash", "--noprofile", "--norc", "-eo", "pipefail", file],
        "sh" => ["sh", "-e", file],
        "python" => ["python3", file],
        "pwsh" => ["pwsh", "-command", $". '{file}'"],
        _ when shell.Contains("{0}", StringComparison.Ordinal) => [.. shell.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => word.Replace("{0}", file, StringComparison.Ordinal))],
        _ => throw new WorkflowException($"there is no shell '{shell}'; use bash, sh or python, or a command with {{0}} in the place of the script's file"),
    };
}
