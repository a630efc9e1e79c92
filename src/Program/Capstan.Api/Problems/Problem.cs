using System.Text.Json.Serialization;

namespace Capstan.Api.Problems;

/// <summary>An error as the API tells it (RFC 9457): what happened, where, and what to do next.</summary>
/// <param name="Type">A relative reference that names the kind of problem, as in <c>/problems/not-found</c>.</param>
/// <param name="Title">The kind of problem in words; the same for all problems of one <paramref name="Type"/>.</param>
/// <param name="Status">The HTTP status of the answer.</param>
/// <param name="Detail">What happened, with the object or <c>file:line:column</c> that it happened to.</param>
/// <param name="Next">What a person does next; absent when that is plain.</param>
/// <param name="Instance">The path that was asked for.</param>
public sealed record Problem(string Type, string Title, int Status, string? Detail = null, string? Next = null, string? Instance = null)
{
    /// <summary>The content type of an answer that holds a problem.</summary>
    public const string ContentType = "application/problem+json";
}

/// <summary>The server answered with a problem.</summary>
public sealed class ProblemException(Problem problem) : Exception(problem.Detail ?? problem.Title)
{
    /// <summary>The problem as the server told it.</summary>
    public Problem Problem { get; } = problem;
}

/// <summary>No server answered, or what answered is no Capstan server.</summary>
public sealed class ServerUnreachableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>JSON of problems.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Problem))]
public sealed partial class ProblemsJson : JsonSerializerContext;
