using System.Diagnostics;

namespace Capstan.Cli.Tests;

public class CompletionTests
{
    [Theory]
    [InlineData("capstan ge", "get")]
    [InlineData("capstan get re", "repos")]
    [InlineData("capstan create a", "app")]
    [InlineData("capstan create app x --sync-policy ", "automated")]
    [InlineData("capstan apply ./deploy --na", "--name")]
    [InlineData("capstan completion ", "fish")]
    public async Task What_may_come_next_is_suggested(string line, string expected)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        await CommandLine.RunAsync([$"[suggest:{line.Length}]", line], Contexts.Of(output, error), TestContext.Current.CancellationToken);
        Assert.Contains(expected, output.ToString().Split('\n', StringSplitOptions.TrimEntries));
        Assert.Empty(error.ToString());
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    public async Task Each_shell_takes_its_script(string shell)
    {
        var script = new StringWriter();
        Assert.Equal(0, await CommandLine.RunAsync(["completion", shell], Contexts.Of(script, new StringWriter()), TestContext.Current.CancellationToken));
        Assert.Contains("suggest:", script.ToString(), StringComparison.Ordinal);
        var program = new[] { "/usr/bin", "/bin", "/usr/local/bin" }.Select(f => Path.Combine(f, shell)).FirstOrDefault(File.Exists);
        Assert.SkipWhen(program is null, $"{shell} is not on this machine");
        using var process = Process.Start(new ProcessStartInfo(program!, "-n") { RedirectStandardInput = true, RedirectStandardError = true })!;
        await process.StandardInput.WriteAsync(script.ToString());
        process.StandardInput.Close();
        var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, error);
    }

    [Theory]
    [InlineData("create", "app", "x", "--sync-policy")]
    [InlineData("apply", "x", "--name")]
    [InlineData("up", "--kubeconfig")]
    public async Task An_option_without_its_value_is_wrong_usage(params string[] args)
    {
        var error = new StringWriter();
        Assert.Equal(ExitCodes.Usage, await CommandLine.RunAsync(args, Contexts.Of(new StringWriter(), error), TestContext.Current.CancellationToken));
        Assert.Contains(args[^1], error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_command_shows_examples_in_its_help()
    {
        foreach (var command in CommandLine.Root(Contexts.Of(new StringWriter(), new StringWriter())).Subcommands)
        {
            var output = new StringWriter();
            Assert.Equal(0, await CommandLine.RunAsync([command.Name, "--help"], Contexts.Of(output, new StringWriter()), TestContext.Current.CancellationToken));
            Assert.Contains("Examples:", output.ToString(), StringComparison.Ordinal);
            Assert.Contains($"capstan {command.Name}", output.ToString()[output.ToString().IndexOf("Examples:", StringComparison.Ordinal)..], StringComparison.Ordinal);
        }
    }
}
