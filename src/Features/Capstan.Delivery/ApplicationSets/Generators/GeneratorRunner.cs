using Capstan.Delivery.Applications;
using Capstan.Delivery.ApplicationSets.Templating;
using Capstan.Sources;
using Capstan.Trees;
using Capstan.Yaml;

namespace Capstan.Delivery.ApplicationSets.Generators;

/// <summary>Runs the entries of <c>spec.generators</c>. The list of kinds is closed; another kind is one file and one line here.</summary>
internal static class GeneratorRunner
{
    private static readonly IGenerator[] All =
    [
        new ListGenerator(), new ClusterGenerator(), new GitGenerator(), new MatrixGenerator(), new MergeGenerator(), new ScmGenerator(), new PullRequestGenerator(),
        new DecisionGenerator(),
    ];

    /// <summary>What one entry yields.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="path">Where it stands.</param>
    /// <param name="run">The generation.</param>
    /// <param name="outer">The parameters of the generators before it in a matrix.</param>
    /// <param name="depth">How many generators it lies within.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="SetException">It is wrong, or what it reads cannot be read.</exception>
    public static async Task<IReadOnlyList<YamlMap>> RunAsync(YamlMap entry, string path, GeneratorRun run, YamlMap outer, int depth, CancellationToken cancellation)
    {
        var generator = Choose(entry, path);
        var spec = entry[generator.Field] as YamlMap ?? (entry[generator.Field] is { IsNull: true } ? YamlMap.Empty
            : throw new SetException($"{path}.{generator.Field} must be a map, it is {entry[generator.Field]!.Description}", SetConditions.InvalidSpec));
        if (outer.Count > 0)
        {
            spec = Interpolate(spec, run.Templates, outer);
        }

        var problems = new List<string>();
        var selector = LabelQuery.Read(new FieldReader(entry, path, problems).Inner("selector"));
        if (problems.Count > 0)
        {
            throw new SetException(string.Join("; ", problems), SetConditions.InvalidSpec);
        }

        try
        {
            var made = await generator.GenerateAsync(new GeneratorCall(spec, $"{path}.{generator.Field}", run, outer, depth), cancellation).ConfigureAwait(false);
            IReadOnlyList<YamlMap> kept = selector.IsEmpty ? made : [.. made.Where(p => Flattening.Flatten(p) is var flat && selector.Matches(key => flat[key]?.AsString()))];
            return kept.Count <= run.Most ? kept
                : throw new SetException($"{path}.{generator.Field} yields {kept.Count:N0} sets of parameters, at most {run.Most:N0} are allowed; narrow it by a selector, or split the set");
        }
        catch (SourceException error)
        {
            throw new SetException($"{path}.{generator.Field}: {error.Message}", isTransient: error.IsTransient, inner: error);
        }
        catch (Exception error) when (error is TreeLimitException or TreeLinkException or TreePathException)
        {
            throw new SetException($"{path}.{generator.Field}: {error.Message}", inner: error);
        }
    }

    private static IGenerator Choose(YamlMap entry, string path)
    {
        var chosen = All.Where(g => entry.ContainsKey(g.Field)).ToList();
        if (entry.Keys.FirstOrDefault(k => k != "selector" && All.All(g => g.Field != k)) is { } unknown)
        {
            throw new SetException(
                unknown == "plugin"
                    ? $"{path}.plugin: generators by plugin are not supported; a step of a workflow can write what the plugin yields to a file, and a git generator read it"
                    : $"{path}.{unknown} is no generator; there are {string.Join(", ", All.Select(g => g.Field))}",
                SetConditions.InvalidSpec);
        }

        return chosen.Count switch
        {
            1 => chosen[0],
            0 => throw new SetException($"{path} names no generator", SetConditions.InvalidSpec),
            _ => throw new SetException($"{path} names {string.Join(" and ", chosen.Select(g => g.Field))}; give each an entry of its own", SetConditions.InvalidSpec),
        };
    }

    // The entry's own values may name its own parameters, which are not known yet; its generators within are interpolated one by one.
    private static YamlMap Interpolate(YamlMap spec, SetTemplates templates, YamlMap outer)
    {
        var made = spec.ToBuilder();
        foreach (var (key, value) in spec)
        {
            if (key is not ("values" or "template" or "generators"))
            {
                made.Set(key, templates.Render(value, outer));
            }
        }

        return made.ToMap(spec.Position);
    }
}
