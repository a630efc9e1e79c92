using Capstan.Delivery.ApplicationSets.Templating;
using Capstan.Yaml;

namespace Capstan.Delivery.ApplicationSets.Generators;

/// <summary>The registered clusters (Argo CD, Generators-Cluster.md). A selector leaves out the engine's own cluster unless it has a Secret.</summary>
internal sealed class ClusterGenerator : IGenerator
{
    public string Field => "clusters";

    public Task<IReadOnlyList<YamlMap>> GenerateAsync(GeneratorCall call, CancellationToken cancellation)
    {
        var fields = call.Fields();
        var selector = LabelQuery.Read(fields.Inner("selector"));
        var flat = fields.Flag("flatList");
        var values = GeneratorCall.ReadValues(fields);
        call.Check(fields);
        if (flat && !call.Set.GoTemplate)
        {
            throw new SetException($"{call.Path}.flatList wants goTemplate: true, since its parameter is a list", SetConditions.InvalidSpec);
        }

        List<YamlMap> made = [.. call.Inputs.Clusters()
            .Where(c => c.Secret is { } secret ? selector.Matches(key => secret.Labels[key]?.AsString()) : selector.IsEmpty)
            .Select(c => call.WithValues(Parameters(call, c), values))];
        return Task.FromResult<IReadOnlyList<YamlMap>>(flat ? [YamlMap.Of(("clusters", new YamlList(made)))] : made);
    }

    private static YamlMap Parameters(GeneratorCall call, RegisteredCluster cluster)
    {
        var parameters = new YamlMapBuilder(8)
            .Set("name", cluster.Name).Set("nameNormalized", SetNames.Normalize(cluster.Name)).Set("server", cluster.Server).Set("project", cluster.Project);
        if (cluster.Secret is not { } secret)
        {
            return parameters.ToMap();
        }

        if (call.Set.GoTemplate)
        {
            var metadata = new YamlMapBuilder(2);
            if (secret.Annotations.Count > 0)
            {
                metadata.Set("annotations", secret.Annotations);
            }

            if (secret.Labels.Count > 0)
            {
                metadata.Set("labels", secret.Labels);
            }

            return parameters.Set("metadata", metadata.ToMap()).ToMap();
        }

        foreach (var (key, value) in secret.Annotations)
        {
            parameters.Set($"metadata.annotations.{key}", value);
        }

        foreach (var (key, value) in secret.Labels)
        {
            parameters.Set($"metadata.labels.{key}", value);
        }

        return parameters.ToMap();
    }
}
