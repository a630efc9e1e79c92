namespace Capstan.GitHost.Repositories;

/// <summary>
/// Removes what a git that was killed left in a repository: lock files, which would block every later push, and objects in quarantine.
/// Runs before the first request, when nothing of this process writes; a git that outlived the former process is waited for.
/// </summary>
internal sealed class StaleFiles(string folder, TimeProvider time)
{
    private static readonly TimeSpan OrphanLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Removes leftovers from these repositories.</summary>
    public async Task SweepAsync(IEnumerable<string> repositories, CancellationToken cancellation)
    {
        if (!repositories.Any(repository => Find(repository).Count > 0))
        {
            return;
        }

        var began = time.GetTimestamp();
        while (OrphansRun() && time.GetElapsedTime(began) < OrphanLimit)
        {
            await Task.Delay(Pause, time, cancellation).ConfigureAwait(false);
        }

        foreach (var path in repositories.SelectMany(Find))
        {
            if (Directory.Exists(path))
            {
                Directory.Delete(path, recursive: true);
            }
            else
            {
                File.Delete(path);
            }
        }
    }

    private static List<string> Find(string repository)
    {
        var found = Directory.EnumerateFiles(repository, "*.lock").ToList();
        var objects = Path.Combine(repository, "objects");
        found.AddRange(Directory.EnumerateDirectories(objects, "tmp_objdir-*"));
        AddFiles(Path.Combine(repository, "refs"), "*.lock", SearchOption.AllDirectories);
        AddFiles(Path.Combine(objects, "pack"), "tmp_*", SearchOption.TopDirectoryOnly);
        AddFiles(Path.Combine(objects, "pack"), ".tmp-*", SearchOption.TopDirectoryOnly);
        return found;

        void AddFiles(string beneath, string pattern, SearchOption depth)
        {
            if (Directory.Exists(beneath))
            {
                found.AddRange(Directory.EnumerateFiles(beneath, pattern, depth));
            }
        }
    }

    // Every git that works for us has its working folder in the repository it serves.
    private bool OrphansRun()
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        return Directory.EnumerateDirectories("/proc").Any(process =>
        {
            try
            {
                return char.IsAsciiDigit(Path.GetFileName(process)[0])
                    && File.ResolveLinkTarget(Path.Combine(process, "cwd"), returnFinalTarget: false)?.FullName.StartsWith(folder + "/", StringComparison.Ordinal) == true;
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                // It ended while it was looked at, or is another user's: neither is one of ours.
                return false;
            }
        });
    }
}
