namespace Capstan.Api.Client;

/// <summary>Where a server is and what it asks to be let in.</summary>
/// <param name="Url">Its address, as in <c>http://127.0.0.1:7070</c>.</param>
/// <param name="Token">The token; absent for anonymous reading.</param>
public sealed record ServerAddress(Uri Url, string? Token)
{
    /// <summary>Where <c>capstan up</c> listens unless told otherwise.</summary>
    public const string DefaultUrl = "http://127.0.0.1:7070";
}
