using System.CommandLine;
using Capstan.Cli.Connection;
using Capstan.Delivery.ApplySets;
using Capstan.Kubernetes;

namespace Capstan.Cli.Pushing;

/// <summary>What <c>apply PATH</c> and <c>diff PATH</c> take alike: where the objects go, and the set that they are remembered as.</summary>
internal sealed class PushTarget
{
    private readonly Option<string?> _name = new("--name") { Description = "Remember what was applied under this name, so that it can be pruned (an ApplySet); of a chart also the release", HelpName = "NAME" };
    private readonly Option<string?> _namespace = new("--namespace", "-n") { Description = "The namespace for objects without one, and of the set", HelpName = "NAMESPACE" };
    private readonly Option<bool> _prune = new("--prune") { Description = "Delete what the set holds and PATH no longer has" };
    private readonly Option<bool> _recurse = Manifests.Recurse();
    private readonly ChartValueOptions _values = new();
    private readonly ClusterOptions _cluster = new();

    public void AddTo(Command command)
    {
        command.Options.Add(_name);
        command.Options.Add(_namespace);
        command.Options.Add(_prune);
        command.Options.Add(_recurse);
        _values.AddTo(command);
        _cluster.AddTo(command);
        command.AddRule(line =>
        {
            if (line.GetValue(_prune) && line.GetValue(_name) is null) line.AddError("--prune deletes what an earlier call applied under the same name. Add --name NAME");
            if (line.GetValue(_name) is { } name && !IsName(name)) line.AddError($"--name {name}: is no name of an object: lower-case letters, digits, dashes and dots, 253 at most");
        });
    }

    /// <summary>Whether the command line speaks of a cluster rather than of a server's application.</summary>
    public bool IsGiven(ParseResult line) => line.GetValue(_name) is not null || line.GetValue(_namespace) is not null || _cluster.AreGiven(line);

    /// <summary>A client of the cluster. Nothing is sent yet.</summary>
    public ClusterClient Open(ParseResult line, CliContext context) => _cluster.Open(line, context);

    public PushRequest Request(ParseResult line, string path, ClusterClient client)
    {
        var manifests = Manifests.Open(path, line.GetValue(_recurse));
        var (name, values) = (line.GetValue(_name), _values.Read(line));
        if (values.IsGiven && !manifests.IsChart) throw new CommandException(ExitCodes.Usage, $"--values and --set are for charts, and {path} is none");
        var space = line.GetValue(_namespace) ?? client.Connection.DefaultNamespace;
        return new PushRequest(cluster => manifests.Render(name ?? "release-name", space, values, cluster), space, name is null ? null : new ApplySet(name, space), line.GetValue(_prune));
    }

    private static bool IsName(string text) =>
        text.Length is > 0 and <= 253 && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.') && char.IsAsciiLetterOrDigit(text[0]) && char.IsAsciiLetterOrDigit(text[^1]);
}
