using Capstan.Delivery.ApplicationSets.Generators;
using Capstan.Delivery.ApplicationSets.Templating;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.ApplicationSets;

/// <summary>One Application that a set makes.</summary>
/// <param name="Object">The Application.</param>
/// <param name="Problem">Why it is neither created nor changed; null when nothing is wrong.</param>
internal sealed record GeneratedApplication(KubernetesObject Object, string? Problem = null)
{
    public string Name => Object.Name;
}

/// <summary>What a set makes.</summary>
/// <param name="Applications">In the order of the generators.</param>
/// <param name="Again">When what was read is to be looked at again; null when changes are told.</param>
internal sealed record SetOutput(IReadOnlyList<GeneratedApplication> Applications, TimeSpan? Again);

/// <summary>From a set and what its generators read to its Applications: all of them, or the reason why none.</summary>
internal static class SetGeneration
{
    /// <summary>The most Applications of one set.</summary>
    public const int MostApplications = 10_000;

    /// <summary>Makes the Applications of a set.</summary>
    /// <param name="set">The set.</param>
    /// <param name="inputs">What its generators read.</param>
    /// <param name="mayTemplateProject">Whether parameters may choose the project.</param>
    /// <param name="time">The clock, for limits only.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="SetException">Something in it is wrong, or cannot be read. Then nothing is known of what it makes.</exception>
    public static async Task<SetOutput> RunAsync(ApplicationSet set, ISetInputs inputs, bool mayTemplateProject, TimeProvider time, CancellationToken cancellation)
    {
        if (set.Problems.Count > 0)
        {
            throw new SetException(string.Join("; ", set.Problems), SetConditions.InvalidSpec);
        }

        var templates = SetTemplates.Of(set, time, cancellation);
        var run = new GeneratorRun(set, inputs, templates, MostApplications);
        var made = new List<KubernetesObject>();
        for (var i = 0; i < set.Generators.Count; i++)
        {
            var entry = set.Generators[i];
            var template = ApplicationTemplate.Merge(set.Template, TemplateOf(entry));
            if (!mayTemplateProject && template.At("spec", "project")?.AsString()?.Contains("{{", StringComparison.Ordinal) == true)
            {
                throw new SetException(
                    $"spec.template.spec.project: a set in the namespace {set.Key.Namespace} must name its project; only sets in Capstan's own namespaces may choose it by parameters",
                    SetConditions.InvalidSpec);
            }

            foreach (var parameters in await GeneratorRunner.RunAsync(entry, $"spec.generators[{i}]", run, YamlMap.Empty, 0, cancellation).ConfigureAwait(false))
            {
                made.Add(ApplicationTemplate.Make(set, template, templates, parameters));
                if (made.Count > MostApplications)
                {
                    throw new SetException($"the set makes more than {MostApplications:N0} Applications; split it");
                }
            }
        }

        return new SetOutput(Judge(set, made), run.Again);
    }

    private static YamlMap? TemplateOf(YamlMap entry) => entry.Where(e => e.Key != "selector").Select(e => (e.Value as YamlMap)?["template"]).FirstOrDefault() as YamlMap;

    private static List<GeneratedApplication> Judge(ApplicationSet set, List<KubernetesObject> made)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var judged = new List<GeneratedApplication>(made.Count);
        foreach (var application in made)
        {
            var problems = ObjectRules.Problems(application.Body);
            judged.Add(new GeneratedApplication(
                application,
                problems.Count > 0 ? $"application \"{application.Name}\": {string.Join("; ", problems)}"
                : !IsName(application.Name) ? $"application \"{application.Name}\": metadata.name must consist of lower case letters, digits, \"-\" and \".\"; the function normalize makes it so"
                : !names.Add(application.Name) ? $"ApplicationSet {set.Object.Name} contains applications with duplicate name: {application.Name}"
                : null));
        }

        return judged;
    }

    private static bool IsName(string name) => name.Split('.').All(static part => part.Length > 0 && part[0] != '-' && part[^1] != '-'
        && part.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'));
}
