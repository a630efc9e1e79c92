using System.CommandLine;
using Capstan.Cli.Pushing;
using Capstan.Helm.Arguments;
using Capstan.Helm.Charts;
using Capstan.Yaml;

namespace Capstan.Cli.Commands;

/// <summary><c>capstan render [NAME] PATH</c></summary>
internal static class RenderCommand
{
    public static Command Create(CliContext context)
    {
        var words = new Argument<string[]>("[NAME] PATH") { Description = "A folder of manifests, one file, a kustomization with kubectl kustomize's flags, or a chart with NAME for its release and helm template's flags", Arity = ArgumentArity.OneOrMore };
        var recurse = Manifests.Recurse();
        var space = new Option<string?>("--namespace", "-n") { Description = "The release's namespace; of plain manifests that for objects of Kubernetes' own namespaced kinds without one", HelpName = "NAMESPACE" };
        var command = new Command("render", """
            Print manifests as they would be applied, each with the file it comes from. A chart: arguments, bytes and exit code of helm template;
            a kustomization: those of kubectl kustomize.

            Examples:
              capstan render ./deploy
              capstan render ./deploy -n shop | kubectl apply --server-side -f -
              capstan render ./overlays/prod
              capstan render shop ./chart -n shop -f values.yaml --set image.tag=1.2 --kube-version 1.33
              capstan render shop oci://registry.example/charts/shop --version 1.x
            """) { words, recurse, space };
        // Flags of helm template are Helm's to read.
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction((line, cancellation) => RunAsync(context, line, [.. line.GetValue(words)!], line.GetValue(recurse), line.GetValue(space), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(CliContext context, ParseResult line, string[] words, bool recurse, string? space, CancellationToken cancellation)
    {
        var behind = line.Tokens.Select(t => t.Value).SkipWhile(t => t != "render").Skip(1).ToArray();
        if (words.Any(Manifests.IsKustomization)) return await KustomizationRendering.RunAsync(context, KustomizeArguments.Parse(behind), cancellation).ConfigureAwait(false);
        if ((words.Any(w => ChartRendering.IsChart(w) || ChartRendering.IsElsewhere(w)) || behind.Any(w => w.StartsWith("--repo", StringComparison.Ordinal))) && !recurse)
        {
            try
            {
                return await ChartRendering.RunAsync(context, HelmTemplateArguments.Parse(behind), cancellation).ConfigureAwait(false);
            }
            catch (ChartException e)
            {
                context.Say($"Error: {e.Message}");
                return 1;
            }
        }
        if (words is not [var path]) throw new CommandException(ExitCodes.Usage, $"{string.Join(' ', words.Skip(1))}: a folder of plain manifests takes no name and no flags of helm template");
        var rendered = Manifests.Open(path, recurse).Render();
        foreach (var manifest in rendered.Manifests)
        {
            var shown = space is not null && manifest.Object.Namespace.Length == 0 && KubernetesKinds.AreNamespaced(manifest.Object.GroupKind)
                ? manifest.Object.WithNamespace(space)
                : manifest.Object;
            context.Out.Write($"---\n# Source: {manifest.Origin}\n{GoYaml.Write(shown.Body)}");
        }
        if (rendered.Manifests.Count == 0) context.Say($"{path}: no manifests");
        return ExitCodes.Fine;
    }
}
