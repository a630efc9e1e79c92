namespace Capstan.Containers.Images;

/// <summary>An image in the engine's store.</summary>
public sealed record ImageDetails
{
    /// <summary>Its id, <c>sha256:…</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The names by which it is known.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>The names with the digest under which registries have it.</summary>
    public required IReadOnlyList<string> Digests { get; init; }

    /// <summary>User, or <c>user:group</c>; empty for root.</summary>
    public required string User { get; init; }

    /// <summary>Its program with its first arguments.</summary>
    public required IReadOnlyList<string> Entrypoint { get; init; }

    /// <summary>Its arguments.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>Its variables, each as <c>NAME=value</c>.</summary>
    public required IReadOnlyList<string> Environment { get; init; }

    /// <summary>Its working folder; empty for <c>/</c>.</summary>
    public required string WorkingFolder { get; init; }

    /// <summary>The signal that asks it to end; empty for TERM.</summary>
    public required string StopSignal { get; init; }

    /// <summary>Its labels.</summary>
    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    /// <summary>The architecture it is made for, in OCI's words.</summary>
    public required string Architecture { get; init; }

    /// <summary>Its size in bytes.</summary>
    public required long SizeBytes { get; init; }
}

/// <summary>Who pulls an image.</summary>
/// <param name="User">The user's name.</param>
/// <param name="Password">The password or token.</param>
/// <param name="Server">The registry's address.</param>
public sealed record RegistryCredential(string User, string Password, string Server)
{
    /// <summary>Without the password.</summary>
    public override string ToString() => $"{User} at {Server}";
}
