using System.Runtime.CompilerServices;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.CustomResources;

/// <summary>
/// The one rule of <c>x-kubernetes-validations</c> that is evaluated here: <c>self == oldSelf</c>, by which a definition says that a field never changes
/// (https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#transition-rules). It holds where the field was there before and is there
/// still, along properties; within lists there is nothing to compare with.
/// </summary>
internal static class TransitionRules
{
    public const string Unchanged = "self == oldSelf";

    public static bool IsUnchanged(YamlMap rule) => rule.Text("rule").Trim() == Unchanged;

    public static void Check(YamlNode before, YamlNode now, YamlMap schema, string path, List<FieldProblem> problems)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (schema.Maps("x-kubernetes-validations").FirstOrDefault(IsUnchanged) is { } rule && !before.Equals(now))
        {
            // Kubernetes tells the type in the place of the value.
            problems.Add(FieldProblem.Invalid(path, schema.Text("type"), rule.Text("message") is { Length: > 0 } message ? message : $"failed rule: {Unchanged}"));
        }

        if (before is not YamlMap old || now is not YamlMap @new)
        {
            return;
        }

        foreach (var (name, inner) in schema.MapAt("properties"))
        {
            if (old[name] is { } was && @new[name] is { } becomes && inner is YamlMap of)
            {
                Check(was, becomes, of, path.Length == 0 ? name : $"{path}.{name}", problems);
            }
        }
    }
}
