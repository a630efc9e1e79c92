using Capstan.Sources.Git.Urls;

namespace Capstan.Delivery.Settings;

/// <summary>An address that something may be fetched from: one repository, or with <c>/*</c> at its end all beneath.</summary>
public sealed class AllowedAddress
{
    private const string Beneath = "/*";

    private readonly string _key;
    private readonly bool _isPrefix;

    private AllowedAddress(string text, string key, bool isPrefix) => (Text, _key, _isPrefix) = (text, key, isPrefix);

    /// <summary>The address as it was written.</summary>
    public string Text { get; }

    /// <summary>Reads an address.</summary>
    /// <param name="text">As it was written.</param>
    /// <param name="problem">Why it is none.</param>
    /// <returns>Null when it is none.</returns>
    public static AllowedAddress? Read(string text, out string problem)
    {
        problem = "";
        var isPrefix = text.EndsWith(Beneath, StringComparison.Ordinal);
        var bare = isPrefix ? text[..^Beneath.Length] : text;
        if (bare.Contains('*', StringComparison.Ordinal))
        {
            problem = "a star may only stand alone at the end, behind a slash";
            return null;
        }

        // A host alone is no repository; with a name beneath it is one that can be judged.
        if (!RepositoryUrl.TryParse(isPrefix ? bare + "/x" : bare, out var url, out var why))
        {
            problem = why;
            return null;
        }

        return new AllowedAddress(text, isPrefix ? url.Key[..^1] : url.Key, isPrefix);
    }

    /// <summary>Whether an address is allowed by this one. Hosts count without regard to case, paths with it.</summary>
    public bool Allows(string address) => RepositoryUrl.TryParse(address, out var url, out _)
        && (_isPrefix ? url.Key.StartsWith(_key, StringComparison.Ordinal) && IsPlain(url.Path) : url.Key == _key);

    // A path that climbs could lead out of what is allowed once a server works it out.
    private static bool IsPlain(string path) => !path.Split('/').Any(p => p is "." or "..") && !path.Contains('%', StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Text;
}
