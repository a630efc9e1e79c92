using Capstan.OciClient;

namespace Capstan.Cli.Pushing;

/// <summary>The registries that <c>helm registry login</c>, docker or podman signed in to on this machine.</summary>
internal static class HelmRegistries
{
    /// <param name="context">The environment that says where the files are.</param>
    /// <param name="named">The file that <c>--registry-config</c> names, if any.</param>
    public static Dictionary<string, RegistryCredential> SignedIn(CliContext context, string? named)
    {
        var found = new Dictionary<string, RegistryCredential>(StringComparer.OrdinalIgnoreCase);
        foreach (var file in Files(context, named).Where(File.Exists))
        {
            try
            {
                foreach (var (registry, credential) in DockerConfigFile.Read(File.ReadAllBytes(file))) found.TryAdd(registry, credential);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
            {
                context.Say($"{file}: {e.Message}; going on without its credentials");
            }
        }
        return found;
    }

    private static IEnumerable<string> Files(CliContext context, string? named)
    {
        var home = context.Environment("HOME");
        if ((named ?? context.Environment("HELM_REGISTRY_CONFIG")) is { } file) yield return file;
        else if (context.Environment("HELM_CONFIG_HOME") is { } helm) yield return Path.Combine(helm, "registry", "config.json");
        else if (context.Environment("XDG_CONFIG_HOME") is { } config) yield return Path.Combine(config, "helm", "registry", "config.json");
        else if (home is not null) yield return Path.Combine(home, ".config", "helm", "registry", "config.json");
        if (context.Environment("DOCKER_CONFIG") is { } docker) yield return Path.Combine(docker, "config.json");
        else if (home is not null) yield return Path.Combine(home, ".docker", "config.json");
    }
}
