using System.CommandLine;
using Capstan.Cli.Connection;
using Capstan.Cli.Hosting;

namespace Capstan.Cli.Commands;

/// <summary><c>capstan agent --kubeconfig FILE | --in-cluster</c></summary>
internal static class AgentCommand
{
    public static Command Create(CliContext context)
    {
        var kubeconfig = new Option<string?>("--kubeconfig") { Description = "The cluster to steer", HelpName = "FILE" };
        var inCluster = new Option<bool>("--in-cluster") { Description = "Steer the cluster that this runs in" };
        var namespaces = new Option<string>("--app-namespaces") { Description = "Where Applications are taken from", HelpName = "NS,…", DefaultValueFactory = _ => "capstan,argocd" };
        var command = new Command("agent", """
            Run the engine alone, for the Applications of one cluster: no Git host, no API.

            Examples:
              capstan agent --in-cluster
              capstan agent --kubeconfig ~/.kube/config
            """) { kubeconfig, inCluster, namespaces };
        command.AddRule(line =>
        {
            if (line.GetValue(kubeconfig) is null == !line.GetValue(inCluster)) line.AddError("say which cluster: either --kubeconfig FILE or --in-cluster");
        });
        command.SetAction(async (line, cancellation) =>
        {
            var settings = new AgentSettings(DataFolder.Find(line.GetValue(Connecting.Data), context), line.GetValue(kubeconfig), line.GetValue(inCluster),
                line.GetValue(namespaces)!.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
            try
            {
                await context.Host.RunAgentAsync(settings, context.Say, cancellation).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                context.Say("stopping");
            }
            return ExitCodes.Fine;
        });
        return command;
    }
}
