using System.CommandLine;
using System.CommandLine.Invocation;
using Capstan.Api.Problems;
using Capstan.Cli.Commands;
using Capstan.Cli.Connection;
using Capstan.Delivery.Controllers;
using Capstan.Delivery.Scripts;
using Capstan.Kubernetes;
using Capstan.OciClient;

namespace Capstan.Cli;

/// <summary>The whole command line: one list of commands, and the one place where a failure becomes a message and an exit code.</summary>
public static class CommandLine
{
    /// <summary>Runs one command line.</summary>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, CliContext context, CancellationToken cancellation)
    {
        if (args is ["--version"])
        {
            context.Out.WriteLine(context.Version);
            return ExitCodes.Fine;
        }
        if (args is [ScriptChild.Argument])
        {
            using var input = Console.OpenStandardInput();
            using var output = Console.OpenStandardOutput();
            await ScriptChild.RunAsync(input, output, cancellation).ConfigureAwait(false);
            return ExitCodes.Fine;
        }
        var line = Root(context).Parse(args);
        var configuration = new InvocationConfiguration { Output = context.Out, Error = context.Error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        if (line.Errors.Count > 0 && line.Action is ParseErrorAction)
        {
            foreach (var error in line.Errors) context.Error.WriteLine($"capstan: {error.Message}");
            context.Error.WriteLine($"`{HelpText.PathOf(line.CommandResult.Command)} --help` tells the usage");
            return ExitCodes.Usage;
        }
        try
        {
            return await line.InvokeAsync(configuration, cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return ExitCodes.Interrupted;
        }
        catch (Exception e) when (Explain(e) is { } end)
        {
            context.Error.WriteLine($"capstan: {end.Message}");
            return end.Code;
        }
    }

    /// <summary>The root command with every command below it, in the order of the help.</summary>
    internal static RootCommand Root(CliContext context)
    {
        var root = new RootCommand("Capstan: a push to Git becomes the state of a cluster, and stays so.");
        root.Options.Add(Connecting.Server);
        root.Options.Add(Connecting.Data);
        Command[] commands =
        [
            DemoCommand.Create(context),
            UpCommand.Create(context),
            AgentCommand.Create(context),
            ApplyCommand.Create(context),
            RenderCommand.Create(context),
            DiffCommand.Create(context),
            LintCommand.Create(context),
            RunCommand.Create(context),
            LogsCommand.Create(context),
            BuildCommand.Create(context),
            GetCommand.Create(context),
            CreateCommand.Create(context),
            DeleteCommand.Create(context),
            EditCommand.Create(context),
            SyncCommand.Create(context),
            RefreshCommand.Create(context),
            TerminateCommand.Create(context),
            PauseCommands.Pause(context),
            PauseCommands.Resume(context),
            ActionCommand.Create(context),
            WaitCommand.Create(context),
            HistoryCommand.Create(context),
            RollbackCommand.Create(context),
            WhyCommand.Create(context),
            BlameCommand.Create(context),
            TreeCommand.Create(context),
            LoginCommand.Create(context),
            PromoteCommand.Promote(context),
            PromoteCommand.Approve(context),
            CompareCommand.Create(context),
            TraceCommand.Create(context),
            MigrateCommand.Create(context),
            DoctorCommand.Create(context),
            BackupCommands.Backup(context),
            BackupCommands.Restore(context),
            CompletionCommand.Create(context),
            VersionCommand.Create(context),
        ];
        foreach (var command in commands) root.Subcommands.Add(command);
        HelpText.MoveExamples(root);
        return root;
    }

    private static (int Code, string Message)? Explain(Exception e) => e switch
    {
        CommandException own => (own.ExitCode, own.Message),
        ServerUnreachableException => (ExitCodes.ServerFailed, e.Message),
        ProblemException { Problem: var problem } => (CodeOf(problem.Status), problem.Next is null ? e.Message : $"{e.Message}. {problem.Next}"),
        ClusterConfigurationException => (ExitCodes.Usage, e.Message),
        ClusterUnreachableException => (ExitCodes.ServerFailed, e.Message),
        KubernetesException { IsDenied: true } => (ExitCodes.NotAllowed, e.Message),
        KubernetesException or UnknownKindException or DeliveryException => (ExitCodes.Refused, e.Message),
        TimeoutException => (ExitCodes.TimedOut, e.Message),
        RegistryClientException { Problem: RegistryProblem.AuthenticationFailed or RegistryProblem.Denied } => (ExitCodes.NotAllowed, e.Message),
        RegistryClientException { Problem: RegistryProblem.NotFound } => (ExitCodes.NotFound, e.Message),
        RegistryClientException { IsTransient: true } => (ExitCodes.ServerFailed, e.Message),
        IOException or UnauthorizedAccessException => (ExitCodes.Refused, e.Message),
        _ => null,
    };

    private static int CodeOf(int status) => status switch
    {
        401 or 403 or 421 => ExitCodes.NotAllowed,
        404 => ExitCodes.NotFound,
        408 or 504 => ExitCodes.TimedOut,
        >= 500 => ExitCodes.ServerFailed,
        _ => ExitCodes.Refused,
    };
}
