using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Capstan.Oci.Content;
using Capstan.Oci.Errors;
using Capstan.Oci.References;
using Capstan.Registry.Storage;

namespace Capstan.Registry.Uploads;

/// <summary>
/// The open uploads: one file each, so that they outlive the process. The file's name holds the upload's random name and a hash of the repository
/// and the user: with another repository or user the same name finds nothing.
/// </summary>
internal sealed class UploadStore(RegistryFolders folders, RegistryOptions options, TimeProvider time)
{
    private static readonly TimeSpan TurnTime = TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<string, UploadState> _open = new();

    /// <summary>How many uploads are open.</summary>
    public int Count => _open.Count;

    public void Start()
    {
        DurableFiles.EnsureFolder(folders.Uploads);
        foreach (var file in Directory.EnumerateFiles(folders.Uploads))
        {
            var id = Path.GetFileName(file).Split('.')[0];
            _open[Path.GetFileName(file)] = new UploadState(id, file, DigestAlgorithm.Sha256);
        }
    }

    /// <summary>Begins an upload.</summary>
    /// <returns>Its name: 128 random bits.</returns>
    public string Begin(ImageName name, string user, DigestAlgorithm algorithm)
    {
        if (_open.Count >= options.MaxOpenUploads)
        {
            throw new RegistryException(429, RegistryErrorCode.TooManyRequests, $"{options.MaxOpenUploads} uploads are open already; finish or cancel some, or try again later");
        }

        var id = Guid.NewGuid().ToString();
        var key = KeyOf(id, name, user);
        var path = Path.Combine(folders.Uploads, key);
        File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write).Dispose();
        _open[key] = new UploadState(id, path, algorithm);
        return id;
    }

    /// <summary>Waits for the turn of an upload, not long: what another request writes is its own affair.</summary>
    /// <exception cref="RegistryException">There is no such upload, or another request is at it.</exception>
    public async Task<Upload> TakeAsync(string id, ImageName name, string user, CancellationToken cancellation)
    {
        var state = Find(id, name, user);
        if (!await state.Turn.WaitAsync(TurnTime, cancellation).ConfigureAwait(false))
        {
            throw new RegistryException(409, RegistryErrorCode.BlobUploadInvalid, $"{name}: another request is writing to this upload; ask for its state with GET and go on from there");
        }

        if (!state.Ended && File.Exists(state.Path)) return new Upload(state);
        state.Turn.Release();
        throw RegistryException.UploadUnknown(name);
    }

    /// <summary>How many bytes of an upload are here.</summary>
    public long LengthOf(string id, ImageName name, string user) =>
        new FileInfo(Find(id, name, user).Path) is { Exists: true } file ? file.Length : throw RegistryException.UploadUnknown(name);

    /// <summary>Forgets an upload; its file is deleted unless it has become a blob. The turn must be held.</summary>
    public void End(string id, ImageName name, string user)
    {
        if (!_open.TryRemove(KeyOf(id, name, user), out var state)) return;
        state.Ended = true;
        state.Hasher.Dispose();
        File.Delete(state.Path);
    }

    public string PathOf(string id, ImageName name, string user) => Find(id, name, user).Path;

    /// <summary>Deletes what lay idle for too long.</summary>
    /// <returns>How many were deleted.</returns>
    public int Sweep()
    {
        var limit = time.GetUtcNow().UtcDateTime - options.UploadIdleTime;
        var swept = 0;
        foreach (var (key, state) in _open)
        {
            if (!state.Turn.Wait(0)) continue;
            try
            {
                var file = new FileInfo(state.Path);
                if (file.Exists && file.LastWriteTimeUtc >= limit) continue;
                state.Ended = true;
                state.Hasher.Dispose();
                file.Delete();
                _open.TryRemove(key, out _);
                swept++;
            }
            finally
            {
                state.Turn.Release();
            }
        }

        return swept;
    }

    private UploadState Find(string id, ImageName name, string user) =>
        Guid.TryParseExact(id, "D", out _) && _open.TryGetValue(KeyOf(id, name, user), out var state) ? state : throw RegistryException.UploadUnknown(name);

    private static string KeyOf(string id, ImageName name, string user) =>
        $"{id.ToLowerInvariant()}.{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{name}\n{user}")))[..16]}";
}
