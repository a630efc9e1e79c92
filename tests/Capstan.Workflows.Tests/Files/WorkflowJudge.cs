using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Capstan.Workflows.Tests.Files;

/// <summary>GitHub's own reader of workflow files, run with node. <c>eng/judges/actions.sh</c> brings it here.</summary>
internal static class WorkflowJudge
{
    /// <summary>The folder with node_modules; null when the package is not here.</summary>
    public static string? Folder { get; } = Environment.GetEnvironmentVariable("CAPSTAN_ACTIONS_JUDGE") is { Length: > 0 } folder && Directory.Exists(folder) ? folder : null;

    /// <summary>The package's errors of each file: line and message.</summary>
    public static async Task<IReadOnlyList<IReadOnlyList<(int Line, string Message)>>> AskAsync(IReadOnlyList<(string Name, string Content)> files, CancellationToken cancellation)
    {
        var input = new JsonArray([.. files.Select(f => new JsonObject { ["name"] = f.Name, ["content"] = f.Content })]);
        var start = new ProcessStartInfo("node") { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.ArgumentList.Add(Path.Combine(TestFiles.Root, "eng/judges/workflows.mjs"));
        start.ArgumentList.Add(Folder!);
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(input.ToJsonString().AsMemory(), cancellation);
        process.StandardInput.Close();
        var answers = JsonNode.Parse(await process.StandardOutput.ReadToEndAsync(cancellation))!.AsArray();
        await process.WaitForExitAsync(cancellation);
        return [.. answers.Select(a => (IReadOnlyList<(int, string)>)[.. a!.AsArray().Select(e => (e!["line"]!.GetValue<int>(), e["message"]!.GetValue<string>()))])];
    }
}
