using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Capstan.Expressions.Tests;

/// <summary>GitHub's own package, run with node. <c>eng/judges/actions.sh</c> brings it here.</summary>
internal static class ExpressionJudge
{
    /// <summary>The folder with node_modules; null when the package is not here.</summary>
    public static string? Folder { get; } = Environment.GetEnvironmentVariable("CAPSTAN_ACTIONS_JUDGE") is { Length: > 0 } folder && Directory.Exists(folder) ? folder : null;

    /// <summary>The package's answers, in the form of <see cref="Verdict"/>.</summary>
    public static async Task<IReadOnlyList<string>> AskAsync(IReadOnlyList<string> expressions, CancellationToken cancellation)
    {
        var input = new JsonObject
        {
            ["contexts"] = JsonNode.Parse(await File.ReadAllTextAsync(TestFiles.Contexts, cancellation)),
            ["expressions"] = new JsonArray([.. expressions.Select(e => JsonValue.Create(e))]),
        };
        var start = new ProcessStartInfo("node") { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.ArgumentList.Add(Path.Combine(TestFiles.Root, "eng/judges/expressions.mjs"));
        start.ArgumentList.Add(Folder!);
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(input.ToJsonString().AsMemory(), cancellation);
        process.StandardInput.Close();
        var answers = JsonNode.Parse(await process.StandardOutput.ReadToEndAsync(cancellation))!.AsArray();
        await process.WaitForExitAsync(cancellation);
        return [.. answers.Select(a => a!["value"] is { } value ? value.GetValue<string>()
            : a["problem"] is { } problem ? $"error at {a["offset"]}: {problem.GetValue<string>()}" : "fails")];
    }

    /// <summary>What we say of an expression, in one line.</summary>
    public static string Verdict(string text)
    {
        Expression expression;
        try
        {
            expression = TestFiles.Language.Parse(text);
        }
        catch (ExpressionException wrong)
        {
            return $"error at {wrong.Offset}: {wrong.Problem}";
        }

        try
        {
            var value = expression.Evaluate(TestFiles.Context);
            var shown = ExpressionJson.Write(ExpressionValue.Of(value.IsPrimitive ? value.Text : ExpressionJson.Write(value)));
            return $"{(value.Kind == ValueKind.Object ? "Dictionary" : value.Kind)} {shown}{(value.IsTruthy ? " true" : "")}";
        }
        catch (ExpressionException)
        {
            return "fails";
        }
    }
}
