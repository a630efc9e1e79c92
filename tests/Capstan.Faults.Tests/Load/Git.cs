using System.Diagnostics;

namespace Capstan.Faults.Tests.Load;

/// <summary>The git program.</summary>
internal static class Git
{
    public static async Task<(int Code, string Text)> TryAsync(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("git", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["GIT_TERMINAL_PROMPT"] = "0";
        start.Environment["GIT_CONFIG_NOSYSTEM"] = "1";
        start.Environment["GIT_CONFIG_GLOBAL"] = "/dev/null";
        foreach (var who in (string[])["AUTHOR", "COMMITTER"])
        {
            start.Environment[$"GIT_{who}_NAME"] = "Campaign";
            start.Environment[$"GIT_{who}_EMAIL"] = "campaign@example.org";
        }
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, process.ExitCode == 0 ? (await output).Trim() : $"{await output}{await error}".Trim());
    }

    public static async Task<string> RunAsync(string folder, params string[] arguments)
    {
        var (code, text) = await TryAsync(folder, arguments);
        return code == 0 ? text : throw new InvalidOperationException($"git {string.Join(' ', arguments)}: {text}");
    }
}
