using System.Text.Json.Serialization;

namespace Capstan.Api.Activity;

/// <summary>Something that somebody did.</summary>
/// <param name="Id">Its number; it only grows.</param>
/// <param name="At">When, RFC 3339.</param>
/// <param name="Who">Who did it, with the token where one was used.</param>
/// <param name="From">The address that it came from.</param>
/// <param name="Verb">What was done, as in <c>sync</c>.</param>
/// <param name="Resource">With what kind of thing, as in <c>applications</c>.</param>
/// <param name="Name">With which; absent where the route names none.</param>
/// <param name="Status">The HTTP status of the answer: what was refused is here, too.</param>
public sealed record ActivityEntry(long Id, string At, string Who, string From, string Verb, string Resource, string? Name, int Status);

/// <summary>What was done, the newest first.</summary>
/// <param name="Items">The entries.</param>
/// <param name="Next">The cursor of the next page; absent on the last.</param>
public sealed record ActivityList(IReadOnlyList<ActivityEntry> Items, string? Next = null);

/// <summary>JSON of what was done.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ActivityEntry))]
[JsonSerializable(typeof(ActivityList))]
public sealed partial class ActivityJson : JsonSerializerContext;
