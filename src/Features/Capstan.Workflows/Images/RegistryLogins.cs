namespace Capstan.Workflows.Images;

/// <summary>What <c>docker/login-action</c> was given in a job, by registry. Printed it shows no password.</summary>
public sealed class RegistryLogins
{
    private readonly Dictionary<string, (string User, string Password)> _byRegistry = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Remembers who signs in at a registry.</summary>
    public void Set(string registry, string user, string password) => _byRegistry[registry] = (user, password);

    /// <summary>Who signs in at a registry; null for nobody.</summary>
    public (string User, string Password)? Find(string registry) => _byRegistry.TryGetValue(registry, out var login) ? login : null;

    /// <inheritdoc/>
    public override string ToString() => $"RegistryLogins {{ {string.Join(", ", _byRegistry.Keys)} }}";
}
