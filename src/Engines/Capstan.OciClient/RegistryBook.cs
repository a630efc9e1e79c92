using System.Net;

namespace Capstan.OciClient;

/// <summary>A user name and password, or an identity token; printed it shows only that it is there.</summary>
/// <param name="User">The name; any, where the password is a token.</param>
/// <param name="Password">The password or token.</param>
public sealed record RegistryCredential(string User, string Password)
{
    /// <inheritdoc/>
    public override string ToString() => "RegistryCredential { *** }";
}

/// <summary>How one registry is reached.</summary>
public sealed record RegistryEntry
{
    /// <summary>Whether it is spoken to without TLS.</summary>
    public bool PlainHttp { get; init; }

    /// <summary>The credential, if any.</summary>
    public RegistryCredential? Credential { get; init; }

    /// <summary>Other registries that hold the same content and are asked first when something is pulled, in order.</summary>
    public IReadOnlyList<string> Mirrors { get; init; } = [];

    /// <summary>Further hosts that give out this registry's tokens, and so may be shown its credential.</summary>
    public IReadOnlyList<string> TokenHosts { get; init; } = [];
}

/// <summary>Knows how registries are reached: asked by the client, answered by who has settings and secrets.</summary>
public interface IRegistryBook
{
    /// <summary>How a registry is reached.</summary>
    /// <param name="registry">Host, and port where it is written.</param>
    /// <param name="cancellation">Gives up.</param>
    ValueTask<RegistryEntry> FindAsync(string registry, CancellationToken cancellation);
}

/// <summary>A book of fixed entries. Registries on this machine that are not in it are spoken to without TLS, all others with it.</summary>
/// <param name="entries">By host and port.</param>
public sealed class RegistryBook(IReadOnlyDictionary<string, RegistryEntry>? entries = null) : IRegistryBook
{
    private static readonly RegistryEntry Plain = new() { PlainHttp = true };
    private static readonly RegistryEntry Secure = new();

    /// <inheritdoc/>
    public ValueTask<RegistryEntry> FindAsync(string registry, CancellationToken cancellation) =>
        ValueTask.FromResult(entries?.GetValueOrDefault(registry) ?? (IsThisMachine(registry) ? Plain : Secure));

    /// <summary>Whether a registry is on this machine.</summary>
    public static bool IsThisMachine(string registry)
    {
        var host = new Uri($"http://{registry}/").Host.Trim('[', ']');
        return host == "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
    }
}
