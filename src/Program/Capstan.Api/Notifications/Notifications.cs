using System.Text.Json.Serialization;

namespace Capstan.Api.Notifications;

/// <summary>A message about an application, and what became of it.</summary>
/// <param name="Id">Its number; it only grows.</param>
/// <param name="At">When it was last tried, RFC 3339.</param>
/// <param name="Application">The application, as <c>NAMESPACE/NAME</c>.</param>
/// <param name="Triggers">The triggers that fired, with commas.</param>
/// <param name="Service">The service that it goes through.</param>
/// <param name="Recipient">Who gets it.</param>
/// <param name="State"><c>delivered</c>, <c>retrying</c>, <c>failed</c>, or <c>cleared</c>: the condition holds no more, and fires again when it does.</param>
/// <param name="Attempt">How often it was tried.</param>
/// <param name="Text">What it says; the beginning of it.</param>
/// <param name="Error">Why it was not delivered.</param>
/// <param name="Keys">What it was about, so that nobody is told twice.</param>
public sealed record NotificationEntry(
    long Id, string At, string Application, string Triggers, string Service, string Recipient, string State, int Attempt, string Text, string? Error, IReadOnlyList<string> Keys);

/// <summary>Messages, those tried last first.</summary>
/// <param name="Items">The messages of this page.</param>
/// <param name="Problems">What is wrong with the settings.</param>
/// <param name="Next">The cursor of the next page; absent on the last.</param>
public sealed record NotificationList(IReadOnlyList<NotificationEntry> Items, IReadOnlyList<string> Problems, string? Next = null);

/// <summary>JSON of what is said about messages.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(NotificationEntry))]
[JsonSerializable(typeof(NotificationList))]
public sealed partial class NotificationsJson : JsonSerializerContext;
