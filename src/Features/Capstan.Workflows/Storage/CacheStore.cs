using System.Formats.Tar;
using System.Text;
using Capstan.Sources.Folders;
using Capstan.Workflows.Runs;
using Capstan.Workflows.Running;

namespace Capstan.Workflows.Storage;

/// <summary>What jobs keep for later runs of the same repository and branch. Anything here may be deleted at any time.</summary>
/// <param name="folder">Where.</param>
/// <param name="mostBytes">The largest cache.</param>
public sealed class CacheStore(string folder, long mostBytes)
{
    /// <summary>Stores files of a job under a key.</summary>
    /// <returns>False when there is one of that key already, which stays.</returns>
    /// <exception cref="WorkflowException">It is too large.</exception>
    internal async Task<bool> StoreAsync(string repository, string scope, string key, JobFolder job, IReadOnlyList<string> files, CancellationToken cancellation)
    {
        var place = Path.Combine(PlaceOf(repository, scope), RunNames.Hash(key));
        if (File.Exists(place + ".tar")) return false;
        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        var confined = new ConfinedFile(job.Root, p => new WorkflowException($"cache '{key}': '{p}' leads out of the job's folder, which is not followed"));
        var draft = $"{place}.{Guid.NewGuid():N}.draft";
        try
        {
            await using (var file = File.Create(draft))
            await using (var tar = new TarWriter(file))
            {
                foreach (var path in files)
                {
                    await using var input = confined.Open(Path.Combine(job.Root, path));
                    var mode = OperatingSystem.IsWindows() ? UnixFileMode.UserRead | UnixFileMode.UserWrite : File.GetUnixFileMode(input.SafeFileHandle);
                    await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, path) { DataStream = input, Mode = mode }, cancellation).ConfigureAwait(false);
                    if (file.Length > mostBytes) throw new WorkflowException($"cache '{key}': has more than the {mostBytes >> 20:N0} MB allowed");
                }
            }

            await File.WriteAllTextAsync(place + ".key", key, cancellation).ConfigureAwait(false);
            File.Move(draft, place + ".tar", overwrite: true);
            return true;
        }
        finally
        {
            File.Delete(draft);
        }
    }

    /// <summary>Brings back the cache of the first key that is there; a key behind the first one may be the beginning of a longer one, of which the newest counts.</summary>
    /// <returns>The key that was found, or null.</returns>
    internal async Task<string?> RestoreAsync(string repository, IReadOnlyList<string> scopes, IReadOnlyList<string> keys, JobFolder job, bool lookupOnly, CancellationToken cancellation)
    {
        foreach (var key in keys)
        {
            foreach (var scope in scopes)
            {
                if (Find(PlaceOf(repository, scope), key) is not var (found, tar)) continue;
                if (!lookupOnly) await UnpackAsync(tar, job, cancellation).ConfigureAwait(false);
                return found;
            }
        }

        return null;
    }

    private static (string Key, string Tar)? Find(string place, string key)
    {
        if (!Directory.Exists(place)) return null;
        var candidates = Directory.EnumerateFiles(place, "*.key").Select(f => (Key: File.ReadAllText(f), Tar: Path.ChangeExtension(f, ".tar")))
            .Where(c => File.Exists(c.Tar) && (c.Key == key || c.Key.StartsWith(key, StringComparison.Ordinal)))
            .OrderByDescending(c => c.Key == key).ThenByDescending(c => File.GetLastWriteTimeUtc(c.Tar)).ToList();
        return candidates.Count == 0 ? null : candidates[0];
    }

    // Only plain files, only beneath the job's folder, and nothing written through a link.
    private static async Task UnpackAsync(string path, JobFolder job, CancellationToken cancellation)
    {
        await using var file = File.OpenRead(path);
        await using var tar = new TarReader(file);
        while (await tar.GetNextEntryAsync(copyData: false, cancellation).ConfigureAwait(false) is { } entry)
        {
            var target = Path.GetFullPath(Path.Combine(job.Root, entry.Name));
            if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile) || !target.StartsWith(job.Root + Path.DirectorySeparatorChar, StringComparison.Ordinal)) continue;
            var parent = Path.GetDirectoryName(target)!;
            if (LeadsThroughLink(parent, job.Root)) throw new WorkflowException($"cache: '{entry.Name}' leads through a link, which is not followed");
            Directory.CreateDirectory(parent);
            File.Delete(target);
            await entry.ExtractToFileAsync(target, overwrite: false, cancellation).ConfigureAwait(false);
        }
    }

    private static bool LeadsThroughLink(string folder, string root)
    {
        for (var at = folder; at.Length > root.Length; at = Path.GetDirectoryName(at)!)
        {
            if (new DirectoryInfo(at).LinkTarget is not null) return true;
        }

        return false;
    }

    private string PlaceOf(string repository, string scope) => Path.Combine(folder, RunNames.Hash(repository), RunNames.Hash(Encoding.UTF8.GetByteCount(scope) + scope));
}
