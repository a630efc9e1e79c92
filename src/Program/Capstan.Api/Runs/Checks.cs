using System.Text.Json.Serialization;

namespace Capstan.Api.Runs;

/// <summary>The checks of a commit.</summary>
/// <param name="Repository">The repository.</param>
/// <param name="Commit">The commit.</param>
/// <param name="State"><c>failure</c> when one failed, else <c>pending</c> when one has not ended, else <c>success</c>; <c>none</c> when there is none.</param>
/// <param name="Items">The checks.</param>
public sealed record CheckList(string Repository, string Commit, string State, IReadOnlyList<Check> Items);

/// <summary>One check of a commit.</summary>
/// <param name="Name">Its name: workflow and job, or the context of a status.</param>
/// <param name="State"><c>pending</c>, <c>success</c>, <c>failure</c> or <c>skipped</c>.</param>
/// <param name="Description">What there is to say.</param>
/// <param name="Run">The run; absent for what others said.</param>
/// <param name="Job">The job's key in the run.</param>
/// <param name="TargetUrl">Where there is more, for what others said.</param>
/// <param name="Annotations">What it has to say about the code, by file and line.</param>
public sealed record Check(string Name, string State, string? Description, string? Run, string? Job, string? TargetUrl, IReadOnlyList<RunAnnotation> Annotations);

/// <summary>What somebody outside says of a commit; the last word under a context counts.</summary>
/// <param name="Repository">The repository.</param>
/// <param name="Commit">The commit.</param>
/// <param name="Context">Who says it, and of what.</param>
/// <param name="State"><c>pending</c>, <c>success</c>, <c>failure</c> or <c>error</c>.</param>
/// <param name="Description">What there is to say.</param>
/// <param name="TargetUrl">Where there is more: an http address.</param>
public sealed record TellStatus(string Repository, string Commit, string Context, string State, string? Description = null, string? TargetUrl = null);

/// <summary>JSON of what is said about checks.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CheckList))]
[JsonSerializable(typeof(TellStatus))]
public sealed partial class ChecksJson : JsonSerializerContext;
