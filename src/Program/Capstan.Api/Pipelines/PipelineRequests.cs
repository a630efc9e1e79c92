using System.Text.Json.Serialization;

namespace Capstan.Api.Pipelines;

/// <summary>The wish that a release enters a stage.</summary>
/// <param name="Stage">The stage.</param>
/// <param name="Release">The release; the one that waits there where none is given.</param>
/// <param name="Reason">Why, for the commit.</param>
public sealed record StageWish(string Stage, string? Release = null, string? Reason = null);

/// <summary>What was taken down.</summary>
/// <param name="Pipeline">The pipeline.</param>
/// <param name="Stage">The stage.</param>
/// <param name="Release">The release.</param>
/// <param name="By">Who.</param>
public sealed record StageAnswer(string Pipeline, string Stage, string Release, string By);

/// <summary>JSON of what is said about pipelines.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StageWish))]
[JsonSerializable(typeof(StageAnswer))]
[JsonSerializable(typeof(PipelineBoard))]
[JsonSerializable(typeof(PipelineBoards))]
[JsonSerializable(typeof(ReleaseCard))]
[JsonSerializable(typeof(TraceReport))]
[JsonSerializable(typeof(StageComparison))]
public sealed partial class PipelinesJson : JsonSerializerContext;
