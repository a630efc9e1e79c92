using System.CommandLine;
using Capstan.Kubernetes;
using Microsoft.Extensions.Logging.Abstractions;

namespace Capstan.Cli.Connection;

/// <summary>The options by which a command that needs no server finds its cluster, by kubectl's rules.</summary>
internal sealed class ClusterOptions
{
    private readonly Option<string?> _kubeconfig = new("--kubeconfig") { Description = "The cluster's kubeconfig (KUBECONFIG, else ~/.kube/config)", HelpName = "FILE" };
    private readonly Option<string?> _context = new("--context") { Description = "The kubeconfig's context", HelpName = "NAME" };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_kubeconfig);
        command.Options.Add(_context);
    }

    /// <summary>Whether the command line names a cluster.</summary>
    public bool AreGiven(ParseResult line) => line.GetValue(_kubeconfig) is not null || line.GetValue(_context) is not null;

    /// <summary>A client of the cluster. Nothing is sent yet.</summary>
    /// <exception cref="ClusterConfigurationException">There is no kubeconfig, or it does not say what is asked for.</exception>
    public ClusterClient Open(ParseResult line, CliContext context) =>
        new(Connect(line.GetValue(_kubeconfig), line.GetValue(_context), context), context.Clock, NullLogger.Instance);

    /// <summary>A connection by the names of a kubeconfig and a context, or what the environment says.</summary>
    public static ClusterConnection Connect(string? file, string? name, CliContext context)
    {
        if (file is not null) return ClusterConnection.FromKubeconfig(Path.GetFullPath(file), name);
        // kubectl leaves out those of KUBECONFIG that are not there.
        string[] wanted = context.Environment("KUBECONFIG") is { } list
            ? list.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            : context.Environment("HOME") is { } home ? [Path.Combine(home, ".kube", "config")] : [];
        var found = wanted.Where(File.Exists).ToArray();
        if (found.Length > 0) return FirstOf(found, name);
        if (context.Environment("KUBERNETES_SERVICE_HOST") is not null) return ClusterConnection.InCluster();
        throw new CommandException(ExitCodes.Usage, $"no cluster: {(wanted.Length == 0 ? "HOME is not set" : string.Join(" and ", wanted) + " is not there")}. Name a kubeconfig with --kubeconfig or KUBECONFIG");
    }

    /// <summary>The first file that holds the context wins; a context whose cluster or user is in another file is not put together.</summary>
    private static ClusterConnection FirstOf(string[] files, string? name)
    {
        foreach (var file in files.Take(files.Length - 1))
        {
            try
            {
                return ClusterConnection.FromKubeconfig(file, name);
            }
            catch (ClusterConfigurationException)
            {
                // Another file may hold it; what is wrong with the last one is told.
                continue;
            }
        }
        return ClusterConnection.FromKubeconfig(files[^1], name);
    }
}
