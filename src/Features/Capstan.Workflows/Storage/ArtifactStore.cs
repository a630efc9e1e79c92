using System.Security.Cryptography;
using System.Text;
using Capstan.Sources.Folders;

namespace Capstan.Workflows.Storage;

/// <summary>What jobs keep for others of the same run: files beneath DATA, written beside and then moved, so that an artifact is whole or not there.</summary>
/// <param name="folder">Where.</param>
/// <param name="mostBytes">The largest artifact.</param>
public sealed class ArtifactStore(string folder, long mostBytes)
{
    private static readonly System.Buffers.SearchValues<char> Refused = System.Buffers.SearchValues.Create("\":<>|*?\r\n\\/\0");

    /// <summary>The names of a run's artifacts.</summary>
    public IReadOnlyList<string> List(string run) => Directory.Exists(Path.Combine(folder, run))
        ? [.. Directory.EnumerateDirectories(Path.Combine(folder, run)).Select(d => Path.GetFileName(d)!).Where(n => !n.StartsWith('.')).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>The folder of an artifact's files.</summary>
    /// <exception cref="WorkflowException">The name is refused.</exception>
    public string FolderOf(string run, string name) => PlaceOf(run, name);

    /// <summary>Puts an artifact that was kept elsewhere in its place again.</summary>
    /// <param name="run">The run.</param>
    /// <param name="name">The artifact's name.</param>
    /// <param name="fill">Puts its files into a folder; false when there are none.</param>
    public async Task PutAsync(string run, string name, Func<string, Task<bool>> fill)
    {
        var place = PlaceOf(run, name);
        var draft = Path.Combine(folder, run, $".{Guid.NewGuid():N}");
        Directory.CreateDirectory(draft);
        try
        {
            if (await fill(draft).ConfigureAwait(false) && !Directory.Exists(place)) Directory.Move(draft, place);
        }
        finally
        {
            if (Directory.Exists(draft)) Directory.Delete(draft, recursive: true);
        }
    }

    /// <summary>Stores files under a name.</summary>
    /// <param name="run">The run.</param>
    /// <param name="name">The artifact's name.</param>
    /// <param name="root">The folder that the files are in.</param>
    /// <param name="files">Their paths there, and those in the artifact.</param>
    /// <param name="overwrite">Whether one of this name may be replaced.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="WorkflowException">The name is refused or taken, or it is too large.</exception>
    public async Task<(long Bytes, string Digest)> StoreAsync(string run, string name, string root, IReadOnlyList<(string From, string To)> files, bool overwrite, CancellationToken cancellation)
    {
        var place = PlaceOf(run, name);
        if (Directory.Exists(place) && !overwrite) throw new WorkflowException($"artifact '{name}': this run has one of that name already; choose another name, or set overwrite: true");
        var draft = Path.Combine(folder, run, $".{Guid.NewGuid():N}");
        var confined = new ConfinedFile(root, p => new WorkflowException($"artifact '{name}': '{p}' leads out of the workspace, which is not followed"));
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        long bytes = 0;
        try
        {
            foreach (var (from, to) in files)
            {
                var target = Path.Combine(draft, to);
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                await using var input = confined.Open(Path.Combine(root, from));
                if ((bytes += input.Length) > mostBytes) throw new WorkflowException($"artifact '{name}': has more than the {mostBytes >> 20:N0} MB allowed");
                await using var output = File.Create(target);
                await input.CopyToAsync(output, cancellation).ConfigureAwait(false);
                digest.AppendData(Encoding.UTF8.GetBytes($"{to}\0{input.Length}\0"));
            }

            if (Directory.Exists(place)) Directory.Delete(place, recursive: true);
            Directory.Move(draft, place);
        }
        finally
        {
            if (Directory.Exists(draft)) Directory.Delete(draft, recursive: true);
        }

        return (bytes, Convert.ToHexStringLower(digest.GetHashAndReset()));
    }

    /// <summary>Copies an artifact's files into a folder.</summary>
    /// <returns>False when there is no such artifact.</returns>
    public async Task<bool> FetchAsync(string run, string name, string into, CancellationToken cancellation)
    {
        var place = PlaceOf(run, name);
        if (!Directory.Exists(place)) return false;
        foreach (var file in Directory.EnumerateFiles(place, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(into, Path.GetRelativePath(place, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);

            // A link that the job left at this place is replaced, not written through.
            File.Delete(target);
            await using var input = File.OpenRead(file);
            await using var output = new FileStream(target, FileMode.CreateNew);
            await input.CopyToAsync(output, cancellation).ConfigureAwait(false);
        }

        return true;
    }

    /// <summary>Removes all of a run's.</summary>
    public void Remove(string run)
    {
        if (Directory.Exists(Path.Combine(folder, run))) Directory.Delete(Path.Combine(folder, run), recursive: true);
    }

    private string PlaceOf(string run, string name) => name is { Length: > 0 and <= 200 } && name is not ("." or "..") && !name.StartsWith('.') && !name.AsSpan().ContainsAny(Refused)
        ? Path.Combine(folder, run, name)
        : throw new WorkflowException($"artifact '{name}': the name is empty, begins with a dot, or has one of the characters \" : < > | * ? \\ /");
}
