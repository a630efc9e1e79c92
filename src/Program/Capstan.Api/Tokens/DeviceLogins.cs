namespace Capstan.Api.Tokens;

/// <summary>The wish of a program to be signed in by a person with a browser.</summary>
/// <param name="Program">What it is, for the person: such as a machine's name.</param>
public sealed record BeginDeviceLogin(string Program);

/// <summary>What a program shows to the person, and asks with.</summary>
/// <param name="Secret">By which the program asks how it stands.</param>
/// <param name="UserCode">What the person compares.</param>
/// <param name="Url">The page on which the person answers.</param>
/// <param name="ExpiresAt">Until when it can be answered, RFC 3339.</param>
/// <param name="Interval">How many seconds to wait between two questions.</param>
public sealed record DeviceLoginBegun(string Secret, string UserCode, string Url, string ExpiresAt, int Interval);

/// <summary>The question how it stands.</summary>
/// <param name="Secret">The secret that was given at the beginning.</param>
public sealed record AskDeviceLogin(string Secret);

/// <summary>How it stands.</summary>
/// <param name="State"><c>pending</c>, <c>allowed</c> or <c>refused</c>.</param>
/// <param name="Token">The token, told this once; absent unless it was allowed.</param>
public sealed record DeviceLoginState(string State, string? Token);
