using System.CommandLine;
using Capstan.Cli.Pushing;
using Capstan.Yaml;

namespace Capstan.Cli.Commands;

/// <summary><c>capstan render PATH</c></summary>
internal static class RenderCommand
{
    public static Command Create(CliContext context)
    {
        var path = Manifests.Argument();
        var recurse = Manifests.Recurse();
        var space = new Option<string?>("--namespace", "-n") { Description = "The namespace for objects of Kubernetes' own namespaced kinds without one", HelpName = "NAMESPACE" };
        var command = new Command("render", """
            Print the manifests of a folder as they would be applied, each with the file and line it comes from.

            Examples:
              capstan render ./deploy
              capstan render ./deploy -n shop | kubectl apply --server-side -f -
            """) { path, recurse, space };
        command.SetAction(line =>
        {
            var rendered = Manifests.Open(line.GetValue(path)!, line.GetValue(recurse)).Render();
            foreach (var manifest in rendered.Manifests)
            {
                var shown = line.GetValue(space) is { } name && manifest.Object.Namespace.Length == 0 && KubernetesKinds.AreNamespaced(manifest.Object.GroupKind)
                    ? manifest.Object.WithNamespace(name)
                    : manifest.Object;
                context.Out.Write($"---\n# Source: {manifest.Origin}\n{GoYaml.Write(shown.Body)}");
            }
            if (rendered.Manifests.Count == 0) context.Say($"{line.GetValue(path)}: no manifests");
            return ExitCodes.Fine;
        });
        return command;
    }
}
