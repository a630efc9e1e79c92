using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Webhooks;

/// <summary>One webhook of a configuration: for which requests it is called, and how its failures count.</summary>
internal sealed class Webhook(YamlMap tree)
{
    public string Name => tree.Text("name");

    public YamlMap Client => tree.MapAt("clientConfig");

    public bool FailsClosed => tree.Text("failurePolicy") != "Ignore";

    public bool Reinvokes => tree.Text("reinvocationPolicy") == "IfNeeded";

    public bool HasSideEffects => tree.Text("sideEffects") is not ("None" or "NoneOnDryRun");

    public TimeSpan Timeout => TimeSpan.FromSeconds(Math.Clamp(tree.Number("timeoutSeconds") ?? 10, 1, 30));

    /// <summary>Which requests it is about, but for its conditions.</summary>
    public RequestRules Rules { get; } = new(tree, "rules");

    /// <summary>Whether it has conditions in CEL.</summary>
    public bool HasConditions => tree["matchConditions"] is YamlList { Count: > 0 };

    /// <summary>Itself, for its conditions.</summary>
    public YamlMap Tree => tree;
}
