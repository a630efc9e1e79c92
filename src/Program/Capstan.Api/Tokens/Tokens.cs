using System.Text.Json.Serialization;

namespace Capstan.Api.Tokens;

/// <summary>The wish for a new token.</summary>
/// <param name="Name">A name for people, unique among the tokens of its owner.</param>
/// <param name="Allow">What it may do at most, each as <c>VERBS:RESOURCES:NAMES</c>; absent for all that its owner may.</param>
/// <param name="Days">After how many days it ends, 1 to 365; 30 when absent.</param>
/// <param name="Role">The role of a project that it speaks for, as <c>PROJECT/ROLE</c>; absent for whoever asks.</param>
public sealed record CreateToken(string Name, IReadOnlyList<string>? Allow = null, int? Days = null, string? Role = null);

/// <summary>A token, without its text.</summary>
/// <param name="Id">What it begins with, and by which it is deleted.</param>
/// <param name="Name">Its name.</param>
/// <param name="Owner">Whom it speaks for.</param>
/// <param name="Allow">What it may do at most; absent for all that its owner may.</param>
/// <param name="CreatedAt">When it was made, RFC 3339.</param>
/// <param name="ExpiresAt">When it ends, RFC 3339.</param>
public sealed record TokenInfo(string Id, string Name, string Owner, IReadOnlyList<string>? Allow, string CreatedAt, string ExpiresAt);

/// <summary>A token that was just made.</summary>
/// <param name="Token">Its text, told this once.</param>
/// <param name="Info">The rest of it.</param>
public sealed record NewToken(string Token, TokenInfo Info);

/// <summary>Tokens.</summary>
/// <param name="Items">The tokens, by owner and name.</param>
public sealed record TokenList(IReadOnlyList<TokenInfo> Items);

/// <summary>JSON of tokens.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CreateToken))]
[JsonSerializable(typeof(TokenInfo))]
[JsonSerializable(typeof(NewToken))]
[JsonSerializable(typeof(TokenList))]
[JsonSerializable(typeof(BeginDeviceLogin))]
[JsonSerializable(typeof(DeviceLoginBegun))]
[JsonSerializable(typeof(AskDeviceLogin))]
[JsonSerializable(typeof(DeviceLoginState))]
public sealed partial class TokensJson : JsonSerializerContext;
