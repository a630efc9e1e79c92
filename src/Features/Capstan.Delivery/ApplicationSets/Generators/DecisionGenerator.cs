using Capstan.Yaml;

namespace Capstan.Delivery.ApplicationSets.Generators;

/// <summary>The clusters that another controller chose in the status of an object (Argo CD, Generators-Cluster-Decision-Resource.md).</summary>
internal sealed class DecisionGenerator : IGenerator
{
    private static readonly TimeSpan Usual = TimeSpan.FromMinutes(3);

    public string Field => "clusterDecisionResource";

    public async Task<IReadOnlyList<YamlMap>> GenerateAsync(GeneratorCall call, CancellationToken cancellation)
    {
        var fields = call.Fields();
        var map = fields.RequiredText("configMapRef");
        var name = fields.Text("name");
        var selector = LabelQuery.Read(fields.Inner("labelSelector"));
        var values = GeneratorCall.ReadValues(fields);
        call.Poll(fields, Usual);
        call.Check(fields);
        if (name.Length > 0 != selector.IsEmpty)
        {
            throw new SetException($"{call.Path} wants either name or labelSelector", SetConditions.InvalidSpec);
        }

        var space = call.Set.Key.Namespace;
        var config = await call.Inputs.ConfigMapAsync(space, map, cancellation).ConfigureAwait(false)
            ?? throw new SetException($"{call.Path}.configMapRef: there is no ConfigMap {space}/{map}");
        string Setting(string key, string? otherwise = null) => config.Body.At("data", key)?.AsString()?.Trim() is { Length: > 0 } text ? text
            : otherwise ?? throw new SetException($"{call.Path}.configMapRef: ConfigMap {space}/{map} has no data.{key}");
        var (listKey, matchKey) = (Setting("statusListKey", "clusters"), Setting("matchKey"));
        var clusters = call.Inputs.Clusters();
        var made = new List<YamlMap>();
        var objects = await call.Inputs.ObjectsAsync(Setting("apiVersion"), Setting("kind"), space, name, selector.ToString(), cancellation).ConfigureAwait(false);
        foreach (var decision in objects.SelectMany(o => o.Status[listKey] as YamlList ?? YamlList.Empty).OfType<YamlMap>())
        {
            // A cluster that is not registered is passed over, as in Argo CD.
            if (decision[matchKey]?.AsString() is { } chosen && clusters.FirstOrDefault(c => c.Name == chosen) is { } cluster)
            {
                var parameters = decision.Aggregate(YamlMap.Of(("name", cluster.Name), ("server", cluster.Server)), static (p, d) => p.With(d.Key, d.Value));
                made.Add(call.WithValues(parameters, values));
            }
        }

        return made;
    }
}
