using System.Text.Json.Serialization;

namespace Capstan.Api.Tokens;

/// <summary>The wish for a local user.</summary>
/// <param name="Name">The name, without its prefix: lower-case letters, digits and dashes.</param>
/// <param name="Groups">Local groups, without their prefix.</param>
public sealed record CreateUser(string Name, IReadOnlyList<string>? Groups = null);

/// <summary>A local user.</summary>
/// <param name="Name">The name, as bindings write it.</param>
/// <param name="Groups">The groups, as bindings write them.</param>
public sealed record UserInfo(string Name, IReadOnlyList<string> Groups);

/// <summary>A user who was just made.</summary>
/// <param name="Password">The first password, told this once.</param>
/// <param name="Info">The rest.</param>
public sealed record NewUser(string Password, UserInfo Info);

/// <summary>Local users.</summary>
/// <param name="Items">The users, by name.</param>
public sealed record UserList(IReadOnlyList<UserInfo> Items);

/// <summary>A link that signs a browser in once.</summary>
/// <param name="Url">The link.</param>
/// <param name="ExpiresAt">Until when it can be used, RFC 3339.</param>
public sealed record SignInLink(string Url, string ExpiresAt);

/// <summary>JSON of users.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CreateUser))]
[JsonSerializable(typeof(UserInfo))]
[JsonSerializable(typeof(NewUser))]
[JsonSerializable(typeof(UserList))]
[JsonSerializable(typeof(SignInLink))]
public sealed partial class UsersJson : JsonSerializerContext;
