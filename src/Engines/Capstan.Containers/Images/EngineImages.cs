using Capstan.Containers.Discovery;
using Docker.DotNet;
using Docker.DotNet.Models;

namespace Capstan.Containers.Images;

/// <summary>The images in an engine's store. They have no owner: an image loaded under a name replaces what had the name.</summary>
public sealed class EngineImages
{
    private readonly DockerClient _client;
    private readonly EngineCall _call;
    private readonly EngineInfo _info;
    private readonly string _owner;

    internal EngineImages(DockerClient client, EngineCall call, EngineInfo info, string owner) => (_client, _call, _info, _owner) = (client, call, info, owner);

    /// <summary>The architecture for which this engine runs images, in OCI's words.</summary>
    public string Architecture => _info.Architecture;

    /// <summary>An image by reference or id; null when it is not in the store.</summary>
    public async Task<ImageDetails?> InspectAsync(string reference, CancellationToken cancellation)
    {
        try
        {
            var said = await _call.QuickAsync($"image {reference}: looking at it", token => _client.Images.InspectImageAsync(reference, token), cancellation).ConfigureAwait(false);
            return Details(said);
        }
        catch (ContainerEngineException missing) when (missing.Problem is EngineProblem.ImageNotFound or EngineProblem.NotFound)
        {
            return null;
        }
    }

    /// <summary>Loads images from an archive as <c>docker save</c> and <see cref="ImageArchive"/> write it, or an OCI layout in a tar.</summary>
    /// <returns>The names and ids that the engine tells.</returns>
    /// <exception cref="ContainerEngineException">The archive is none, or holds what the engine cannot take.</exception>
    public async Task<IReadOnlyList<string>> LoadAsync(Stream archive, CancellationToken cancellation)
    {
        var progress = new Progress();
        await _call.LongAsync("loading images", async token =>
        {
            await _client.Images.LoadImageAsync(new ImageLoadParameters { Quiet = true }, archive, progress, token).ConfigureAwait(false);
            return true;
        }, cancellation).ConfigureAwait(false);
        progress.ThrowIfFailed("loading images", EngineProblem.Invalid);

        // "Loaded image: NAME", "Loaded image ID: sha256:…", and Podman's "Loaded image(s): A,B".
        return [.. progress.Lines.Where(l => l.StartsWith("Loaded image", StringComparison.Ordinal) && l.Contains(": ", StringComparison.Ordinal))
            .SelectMany(l => l[(l.IndexOf(": ", StringComparison.Ordinal) + 2)..].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];
    }

    /// <summary>Fetches an image from its registry into the store.</summary>
    /// <param name="reference">Its name with tag or digest.</param>
    /// <param name="credential">Who pulls; null for anonymously.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <exception cref="ContainerEngineException">The registry cannot be reached, refuses, or has no such image; the message says which.</exception>
    public async Task PullAsync(string reference, RegistryCredential? credential, CancellationToken cancellation)
    {
        var progress = new Progress();
        var auth = credential is null ? new AuthConfig() : new AuthConfig { Username = credential.User, Password = credential.Password, ServerAddress = credential.Server };
        await _call.LongAsync($"image {reference}: pulling it", async token =>
        {
            await _client.Images.CreateImageAsync(new ImagesCreateParameters { FromImage = reference }, auth, progress, token).ConfigureAwait(false);
            return true;
        }, cancellation).ConfigureAwait(false);
        progress.ThrowIfFailed($"image {reference}: pulling it", EngineProblem.ImageNotFound);
    }

    /// <summary>Makes an image of one layer from the files of a tar archive.</summary>
    /// <param name="repository">Its name without a tag.</param>
    /// <param name="tag">Its tag.</param>
    /// <param name="files">The tar archive of its root folder.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <exception cref="ContainerEngineException">The archive is none.</exception>
    public async Task ImportAsync(string repository, string tag, Stream files, CancellationToken cancellation)
    {
        var progress = new Progress();
        // Podman takes no tag of its own here, and both take it with the name.
        var parameters = new ImagesCreateParameters { FromSrc = "-", Repo = $"{repository}:{tag}" };
        await _call.LongAsync($"image {repository}:{tag}: importing it", async token =>
        {
            await _client.Images.CreateImageAsync(parameters, files, new AuthConfig(), progress, token).ConfigureAwait(false);
            return true;
        }, cancellation).ConfigureAwait(false);
        progress.ThrowIfFailed($"image {repository}:{tag}: importing it", EngineProblem.Invalid);
    }

    /// <summary>Builds an image by the engine.</summary>
    /// <param name="context">The tar archive of what the file may copy.</param>
    /// <param name="file">The Dockerfile's path in it.</param>
    /// <param name="name">The image's name with its tag.</param>
    /// <param name="log">Hears what the build says, line by line.</param>
    /// <param name="cancellation">Ends the build.</param>
    /// <exception cref="ContainerEngineException">The build failed; the message holds the engine's last word.</exception>
    public async Task BuildAsync(Stream context, string file, string name, Action<string> log, CancellationToken cancellation)
    {
        var progress = new Progress { Heard = log };
        var parameters = new ImageBuildParameters { Dockerfile = file, Tags = [name], Remove = true, ForceRemove = true };
        await _call.LongAsync($"image {name}: building it", async token =>
        {
            await _client.Images.BuildImageFromDockerfileAsync(parameters, context, [], new Dictionary<string, string>(), progress, token).ConfigureAwait(false);
            return true;
        }, cancellation).ConfigureAwait(false);
        progress.ThrowIfFailed($"image {name}: building it", EngineProblem.Invalid);
    }

    /// <summary>Gives an image another name.</summary>
    public Task TagAsync(string reference, string repository, string tag, CancellationToken cancellation) => _call.QuickAsync(
        $"image {reference}: naming it {repository}:{tag}", token => _client.Images.TagImageAsync(reference, new ImageTagParameters { RepositoryName = repository, Tag = tag }, token), cancellation);

    /// <summary>Takes a name away, and with the last the image; nothing happens when it is gone.</summary>
    /// <exception cref="ContainerEngineException">Conflict: a container uses it.</exception>
    public async Task RemoveAsync(string reference, CancellationToken cancellation)
    {
        try
        {
            await _call.QuickAsync($"image {reference}: removing it", token => _client.Images.DeleteImageAsync(reference, new ImageDeleteParameters(), token), cancellation).ConfigureAwait(false);
        }
        catch (ContainerEngineException missing) when (missing.Problem is EngineProblem.ImageNotFound or EngineProblem.NotFound)
        {
            return;
        }
    }

    /// <summary>The images that carry this owner's label: those that <see cref="ImageArchive"/> was given it for.</summary>
    public async Task<IReadOnlyList<string>> ListOwnAsync(CancellationToken cancellation)
    {
        var parameters = new ImagesListParameters { Filters = OwnershipLabels.Filter(_owner, new Dictionary<string, string>()) };
        var listed = await _call.QuickAsync("listing images", token => _client.Images.ListImagesAsync(parameters, token), cancellation).ConfigureAwait(false);
        return [.. listed.Where(i => OwnershipLabels.IsOwn(_owner, i.Labels)).Select(i => i.ID)];
    }

    private static ImageDetails Details(ImageInspectResponse said) => new()
    {
        Id = said.ID,
        Names = [.. said.RepoTags ?? []],
        Digests = [.. said.RepoDigests ?? []],
        User = said.Config?.User ?? "",
        Entrypoint = [.. said.Config?.Entrypoint ?? []],
        Arguments = [.. said.Config?.Cmd ?? []],
        Environment = [.. said.Config?.Env ?? []],
        WorkingFolder = said.Config?.WorkingDir ?? "",
        StopSignal = said.Config?.StopSignal ?? "",
        Labels = said.Config?.Labels is { } labels ? new Dictionary<string, string>(labels, StringComparer.Ordinal) : [],
        Architecture = said.Architecture ?? "",
        SizeBytes = said.Size,
    };

    /// <summary>What the engine tells while it works; the last word of a failure is in it too, after an answer of 200.</summary>
    private sealed class Progress : IProgress<JSONMessage>
    {
        private const int MostLines = 1000;
        private string? _error;

        public List<string> Lines { get; } = [];

        public Action<string> Heard { get; init; } = static _ => { };

        public void Report(JSONMessage value)
        {
            _error ??= value.Error?.Message;
            if (Lines.Count < MostLines && (value.Stream ?? value.Status)?.Trim() is { Length: > 0 } line)
            {
                Lines.Add(line);
                Heard(line);
            }
        }

        public void ThrowIfFailed(string what, EngineProblem problem)
        {
            if (_error is { } error)
            {
                throw new ContainerEngineException(problem, $"{what}: {error.Trim()}");
            }
        }
    }
}
