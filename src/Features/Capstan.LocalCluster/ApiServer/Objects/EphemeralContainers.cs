using Capstan.LocalCluster.ApiServer.Operations;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Objects;

/// <summary>Containers that are added to a pod which runs: they come by a subresource of their own, and stay as they are.</summary>
internal static class EphemeralContainers
{
    // Fields of other containers that have no meaning for one that nothing depends on.
    private static readonly string[] Disallowed = ["ports", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle", "resources"];

    /// <summary>Refuses what may not be added, and any change of what is there.</summary>
    public static void Check(Target target, YamlMap live, YamlMap wanted)
    {
        var problems = new List<FieldProblem>();
        var (before, now) = (live.Maps("spec", "ephemeralContainers").ToList(), wanted.Maps("spec", "ephemeralContainers").ToList());
        foreach (var gone in before.Where(b => now.TrueForAll(n => n.Text("name") != b.Text("name"))))
        {
            problems.Add(FieldProblem.Forbidden("spec.ephemeralContainers", $"existing ephemeral containers \"{gone.Text("name")}\" may not be removed"));
        }

        foreach (var changed in now.Where(n => before.Exists(b => b.Text("name") == n.Text("name") && !b.Equals(n))))
        {
            problems.Add(FieldProblem.Forbidden("spec.ephemeralContainers", $"existing ephemeral containers \"{changed.Text("name")}\" may not be changed"));
        }

        var others = wanted.Maps("spec", "containers").Concat(wanted.Maps("spec", "initContainers")).Select(c => c.Text("name")).ToList();
        var names = new HashSet<string>(others, StringComparer.Ordinal);
        for (var i = 0; i < now.Count; i++)
        {
            var path = $"spec.ephemeralContainers[{i}]";
            PodValidation.Named(now[i], path, names, problems);
            foreach (var field in Disallowed.Where(f => now[i][f] is { } value && value is not YamlMap { Count: 0 } and not YamlList { Count: 0 }))
            {
                problems.Add(FieldProblem.Forbidden($"{path}.{field}", "cannot be set for an Ephemeral Container"));
            }

            if (now[i].Text("targetContainerName") is { Length: > 0 } of && !others.Contains(of))
            {
                problems.Add(new FieldProblem("FieldValueNotFound", $"{path}.targetContainerName", $"Not found: \"{of}\""));
            }
        }

        if (problems.Count > 0)
        {
            throw ApiErrors.Invalid(target.Resource, target.Name, problems);
        }
    }
}
