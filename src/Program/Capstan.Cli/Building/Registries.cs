using System.CommandLine;
using Capstan.Cli.Connection;
using Capstan.OciClient;

namespace Capstan.Cli.Building;

/// <summary>The registries that a person's machine knows: the Capstan server's own, and those that docker or podman signed in to.</summary>
internal static class Registries
{
    public static RegistryBook Book(ParseResult line, CliContext context)
    {
        var entries = new Dictionary<string, RegistryEntry>(StringComparer.OrdinalIgnoreCase);
        foreach (var file in Files(context).Where(File.Exists))
        {
            foreach (var (registry, credential) in Read(file, context)) entries.TryAdd(registry, new RegistryEntry { Credential = credential, PlainHttp = RegistryBook.IsThisMachine(registry) });
        }

        var server = Connecting.Address(line, context);
        entries.TryAdd(server.Url.Authority, new RegistryEntry { PlainHttp = server.Url.Scheme == Uri.UriSchemeHttp, Credential = server.Token is { } token ? new RegistryCredential("capstan", token) : null });
        return new RegistryBook(entries);
    }

    private static IEnumerable<string> Files(CliContext context)
    {
        if (context.Environment("REGISTRY_AUTH_FILE") is { } named) yield return named;
        if (context.Environment("XDG_RUNTIME_DIR") is { } runtime) yield return Path.Combine(runtime, "containers", "auth.json");
        if (context.Environment("DOCKER_CONFIG") is { } docker) yield return Path.Combine(docker, "config.json");
        else if (context.Environment("HOME") is { } home) yield return Path.Combine(home, ".docker", "config.json");
    }

    private static IReadOnlyDictionary<string, RegistryCredential> Read(string file, CliContext context)
    {
        try
        {
            return DockerConfigFile.Read(File.ReadAllBytes(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            context.Say($"{file}: {e.Message}; going on without its credentials");
            return new Dictionary<string, RegistryCredential>();
        }
    }
}
