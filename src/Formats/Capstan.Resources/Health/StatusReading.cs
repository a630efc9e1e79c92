using Capstan.Yaml;

namespace Capstan.Resources;

/// <summary>Reads what health rules ask for; what is absent or of another type reads as nothing, since anybody may write a status.</summary>
internal static class StatusReading
{
    public static long Number(this YamlMap map, params ReadOnlySpan<string> path) => map.NumberOrNull(path) ?? 0;

    public static long? NumberOrNull(this YamlMap map, params ReadOnlySpan<string> path) =>
        map.At(path) is YamlScalar scalar && scalar.TryGetInteger(out var number) ? number : null;

    public static string Text(this YamlMap map, params ReadOnlySpan<string> path) => map.At(path)?.AsString() ?? "";

    public static bool IsTrue(this YamlMap map, params ReadOnlySpan<string> path) => map.At(path) is YamlScalar { Kind: ScalarKind.Boolean, Text: "true" };

    public static IEnumerable<YamlMap> Maps(this YamlMap map, params ReadOnlySpan<string> path) =>
        (map.At(path) as YamlList ?? YamlList.Empty).OfType<YamlMap>();

    public static IEnumerable<YamlMap> Conditions(this KubernetesObject live) => live.Status.Maps("conditions");

    public static YamlMap? Condition(this KubernetesObject live, string type) => live.Conditions().FirstOrDefault(c => c.Text("type") == type);

    /// <summary>Whether the controller has seen the newest spec.</summary>
    public static bool IsObserved(this KubernetesObject live) => live.Generation <= live.Status.Number("observedGeneration");
}
