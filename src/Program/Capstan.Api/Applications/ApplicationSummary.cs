using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Api.Applications;

/// <summary>The few facts about an application that a line of a table shows, read from the Application object.</summary>
/// <param name="Namespace">The namespace of the Application object.</param>
/// <param name="Name">Its name.</param>
/// <param name="Sync"><c>Synced</c>, <c>OutOfSync</c> or <c>Unknown</c>.</param>
/// <param name="Health">The worst health of its resources.</param>
/// <param name="Revision">The commit that was compared, or one a source separated by commas; empty before the first comparison.</param>
/// <param name="Operation">The phase of the last operation, empty when there was none.</param>
/// <param name="Source">The repository's URL; of several sources that of the first.</param>
/// <param name="Path">The path within it.</param>
/// <param name="Destination">The destination's namespace.</param>
/// <param name="Conditions">Each condition as <c>Type: message</c>.</param>
public sealed record ApplicationSummary(
    string Namespace,
    string Name,
    string Sync,
    string Health,
    string Revision,
    string Operation,
    string Source,
    string Path,
    string Destination,
    IReadOnlyList<string> Conditions)
{
    /// <summary>Whether the application is what Git says and works.</summary>
    public bool IsGreen => Sync == "Synced" && Health == "Healthy";

    /// <summary>The revision of each source.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public IReadOnlyList<string> Revisions => Revision.Split(',');

    /// <summary>Whether an operation is running or waits to run.</summary>
    public bool IsBusy { get; private init; }

    /// <summary>Whether the last operation failed.</summary>
    public bool HasFailed => Operation is "Failed" or "Error";

    /// <summary>Reads the summary of an Application object.</summary>
    public static ApplicationSummary Of(KubernetesObject application)
    {
        var status = application.Status;
        var source = FirstSource(application.Spec) ?? application.Spec["source"] as YamlMap ?? YamlMap.Empty;
        return new ApplicationSummary(
            application.Namespace,
            application.Name,
            Text(status, "sync", "status") ?? "Unknown",
            Text(status, "health", "status") ?? "Unknown",
            status.At("sync", "revisions") is YamlList { Count: > 0 } revisions ? string.Join(',', revisions.Select(r => r.AsString())) : Text(status, "sync", "revision") ?? "",
            Text(status, "operationState", "phase") ?? "",
            Text(source, "repoURL") ?? "",
            Text(source, "path") ?? "",
            Text(application.Spec, "destination", "namespace") ?? "",
            [.. (status["conditions"] as YamlList ?? YamlList.Empty).OfType<YamlMap>().Select(c => $"{Text(c, "type")}: {Text(c, "message")}")])
        {
            IsBusy = application.Body.ContainsKey("operation") || Text(status, "operationState", "phase") is "Running" or "Terminating",
        };
    }

    private static YamlMap? FirstSource(YamlMap spec) => spec["sources"] is YamlList { Count: > 0 } sources ? sources[0] as YamlMap : null;

    private static string? Text(YamlMap map, params ReadOnlySpan<string> path) => map.At(path)?.AsString();
}
