using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Access;

/// <summary>The roles and bindings that every cluster has from the start. A changed one is put right at the next start; a rule that was added stays.</summary>
internal static class DefaultRoles
{
    public static async Task EnsureAsync(ClusterClient client, CancellationToken cancellation)
    {
        // All at once, so that they share a few flushes of the disk.
        var missing = Read().Where(role => client.Get(role.Key) is null).ToList();
        await Task.WhenAll(missing.Select(role => CreateAsync(client, role, cancellation))).ConfigureAwait(false);
    }

    private static async Task CreateAsync(ClusterClient client, KubernetesObject role, CancellationToken cancellation)
    {
        try
        {
            await client.CreateAsync(role, cancellation).ConfigureAwait(false);
        }
        catch (ApiStatusException known) when (known.Reason == ApiReasons.AlreadyExists)
        {
            // It is there, which is all that is wanted.
            return;
        }
    }

    private static IEnumerable<KubernetesObject> Read()
    {
        using var stream = typeof(DefaultRoles).Assembly.GetManifestResourceStream("default-roles.txt")
            ?? throw new InvalidOperationException("The default roles are not in the program.");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0 && JsonText.Read(line) is YamlMap role)
            {
                yield return new KubernetesObject(role);
            }
        }
    }
}
