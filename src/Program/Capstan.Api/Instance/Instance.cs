using System.Text.Json.Serialization;

namespace Capstan.Api.Instance;

/// <summary>Which program answers.</summary>
/// <param name="Version">Its version and commit, as <c>capstan --version</c> prints them.</param>
/// <param name="StartedAt">When it was started, RFC 3339.</param>
public sealed record VersionInfo(string Version, string StartedAt);

/// <summary>A cluster that applications go to.</summary>
/// <param name="Name">The name that destinations use.</param>
/// <param name="Server">The address of its API.</param>
/// <param name="Version">The version of its API server, absent while it is unreachable.</param>
/// <param name="State"><c>Successful</c> or <c>Failed</c>.</param>
/// <param name="Message">What failed.</param>
/// <param name="Kind"><c>local</c> for the embedded cluster, else <c>kubernetes</c>.</param>
public sealed record Cluster(string Name, string Server, string? Version, string State, string? Message, string Kind);

/// <summary>Clusters in the order of their names.</summary>
/// <param name="Items">The clusters.</param>
public sealed record ClusterList(IReadOnlyList<Cluster> Items);

/// <summary>What an examination of the installation found.</summary>
/// <param name="Findings">One entry for each thing looked at.</param>
public sealed record DoctorReport(IReadOnlyList<Finding> Findings)
{
    /// <summary>Whether nothing is wrong; warnings do not count.</summary>
    [JsonIgnore]
    public bool IsWell => Findings.All(f => f.State != "bad");
}

/// <summary>One thing that was looked at.</summary>
/// <param name="Subject">What was looked at.</param>
/// <param name="State"><c>good</c>, <c>warning</c> or <c>bad</c>.</param>
/// <param name="Message">What was seen.</param>
/// <param name="Next">What to do about it, absent when it is good.</param>
public sealed record Finding(string Subject, string State, string Message, string? Next = null);

/// <summary>A place to go to.</summary>
/// <param name="Kind"><c>application</c>, <c>repository</c> or <c>page</c>.</param>
/// <param name="Name">Its name.</param>
/// <param name="Address">The path of its page.</param>
/// <param name="State">Its state; absent for what has none.</param>
public sealed record Place(string Kind, string Name, string Address, string? State = null);

/// <summary>Places, the best fit first.</summary>
/// <param name="Items">The places.</param>
public sealed record PlaceList(IReadOnlyList<Place> Items);

/// <summary>JSON of what is said about the installation.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(VersionInfo))]
[JsonSerializable(typeof(ClusterList))]
[JsonSerializable(typeof(DoctorReport))]
[JsonSerializable(typeof(PlaceList))]
[JsonSerializable(typeof(string))]
public sealed partial class InstanceJson : JsonSerializerContext;
