using System.CommandLine;
using System.Text;
using Capstan.Cli.Hosting;

namespace Capstan.Cli.Tests;

/// <summary>The commands are a contract: docs/reference/commands.txt is what users rely on.</summary>
public class CommandTreeTests
{
    [Fact]
    public void The_reference_page_is_the_tree_of_commands()
    {
        var text = new StringBuilder();
        Write(CommandLine.Root(Contexts.Of(new StringWriter(), new StringWriter())), "capstan", text);
        var file = Path.Combine(Root(), "docs/reference/commands.txt");
        if (Environment.GetEnvironmentVariable("CAPSTAN_UPDATE") == "1") File.WriteAllText(file, text.ToString());
        Assert.Equal(File.ReadAllText(file), text.ToString());
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("get", "apps", "-o", "nonsense")]
    [InlineData("up", "--kubeconfig", "x", "--in-cluster")]
    [InlineData("create", "app", "a", "--repo", "r", "--auto-prune")]
    [InlineData("wait", "a", "--timeout", "soon")]
    [InlineData("wait")]
    public async Task A_wrong_command_line_exits_with_2_and_says_why_on_stderr(params string[] args)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        Assert.Equal(ExitCodes.Usage, await CommandLine.RunAsync(args, Contexts.Of(output, error), TestContext.Current.CancellationToken));
        Assert.Empty(output.ToString());
        Assert.StartsWith("capstan: ", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_no_server_answers_the_message_says_how_to_start_one()
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await CommandLine.RunAsync(["get", "apps", "--server", "http://127.0.0.1:1"], Contexts.Of(output, error), TestContext.Current.CancellationToken);
        Assert.Equal(ExitCodes.ServerFailed, code);
        Assert.Contains("capstan up", error.ToString(), StringComparison.Ordinal);
    }

    private static void Write(Command command, string path, StringBuilder text)
    {
        var arguments = string.Concat(command.Arguments.Where(a => !a.Hidden).Select(a => a.Arity.MaximumNumberOfValues > 1 ? $" {a.Name}…" : $" {a.Name}"));
        text.Append(path).Append(arguments).Append('\n').Append("    ").Append(command.Description).Append('\n');
        foreach (var option in command.Options.Where(o => !o.Hidden && o is not System.CommandLine.Help.HelpOption and not VersionOption))
        {
            text.Append("    ").AppendJoin(", ", option.Aliases.Prepend(option.Name)).Append(option.HelpName is null ? "" : " " + option.HelpName)
                .Append("  ").Append(option.Description).Append('\n');
        }
        text.Append('\n');
        foreach (var child in command.Subcommands) Write(child, $"{path} {child.Name}", text);
    }

    private static string Root()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Capstan.slnx"))) return at.FullName;
        }
        throw new InvalidOperationException("not within a checkout");
    }
}

internal static class Contexts
{
    public static CliContext Of(TextWriter output, TextWriter error, string? home = null) => new()
    {
        Out = output,
        Error = error,
        Host = new NoHost(),
        Version = "capstan test",
        Environment = name => name == "HOME" ? home ?? Path.GetTempPath() : null,
    };

    private sealed class NoHost : IServerHost
    {
        public Task<IRunningServer> StartAsync(UpSettings settings, Action<string> progress, CancellationToken cancellation) => throw new CommandException(ExitCodes.ServerFailed, "no server here");

        public Task RunAgentAsync(AgentSettings settings, Action<string> progress, CancellationToken cancellation) => throw new CommandException(ExitCodes.ServerFailed, "no engine here");

        public Task<string> CheckBackupAsync(string file, CancellationToken cancellation) => throw new CommandException(ExitCodes.ServerFailed, "no server here");

        public Task<string> RestoreAsync(string file, string data, CancellationToken cancellation) => throw new CommandException(ExitCodes.ServerFailed, "no server here");
    }
}
