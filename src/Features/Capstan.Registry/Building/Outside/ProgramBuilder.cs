using Capstan.Oci.Manifests;
using Capstan.Oci.References;
using Capstan.OciClient;
using Capstan.Sources.Processes;

namespace Capstan.Registry.Building.Outside;

/// <summary>Builds with buildah or Podman where one is installed, and brings the image here as an OCI layout: credentials stay with Capstan's own client.</summary>
/// <param name="runner">Starts programs.</param>
/// <param name="environment">Reads an environment variable; null when it is not set.</param>
/// <param name="work">A folder of the build's own.</param>
public sealed class ProgramBuilder(ProcessRunner runner, Func<string, string?> environment, string work)
{
    private static readonly string[] Programs = ["buildah", "podman"];
    private static readonly TimeSpan LongestBuild = TimeSpan.FromHours(1);

    /// <summary>How the commands of a build are kept apart from the machine: <c>oci</c> in containers, <c>chroot</c> where the machine allows none.</summary>
    public string Isolation { get; init; } = "chroot";

    /// <summary>Gets the base images that <see cref="IsOwn"/> names; null to leave all to the program.</summary>
    public RegistryClient? Client { get; init; }

    /// <summary>Whether a registry is one whose images the program cannot get by itself: that of this process, by the rights of the build alone.</summary>
    public Func<string, bool> IsOwn { get; init; } = _ => false;

    /// <summary>Builds.</summary>
    /// <param name="request">What.</param>
    /// <param name="why">Why it cannot be built in the process, for messages.</param>
    /// <param name="say">Told which program builds.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="BuildException">No such program is installed, or it failed; the message holds what it said.</exception>
    public async Task<BuiltImage> BuildAsync(BuildRequest request, BuildException why, Action<string> say, CancellationToken cancellation)
    {
        var program = Programs.FirstOrDefault(IsInstalled)
            ?? throw new BuildException($"{why.Message}. Neither buildah nor podman is installed here; install one, or build without such instructions", needsEngine: true, why);
        if (request.Platforms.Count > 1) throw new BuildException($"{why.Message}. {program} is asked for one platform at a time; build each by itself", needsEngine: true, why);
        say($"{why.Message}: {program} builds");
        var name = $"localhost/capstan-build-{Guid.NewGuid():N}";
        List<string> arguments = [program == "buildah" ? "bud" : "build", "--isolation", Isolation, "--format", "oci", "-t", name, "--platform", request.Platforms[0].ToString()];
        if (request.Target is { } target) arguments.AddRange(["--target", target]);
        foreach (var (key, value) in request.Arguments) arguments.AddRange(["--build-arg", $"{key}={value}"]);
        foreach (var (key, value) in request.Labels) arguments.AddRange(["--label", $"{key}={value}"]);
        var layout = Path.Combine(work, "layout");
        var made = new List<string>();
        try
        {
            if (await WithOwnBasesAsync(program, request, made, cancellation).ConfigureAwait(false) is { } file) arguments.AddRange(["-f", file]);
            await RunAsync(program, [.. arguments, "--", request.Folder], cancellation).ConfigureAwait(false);
            made.Add(name);
            await RunAsync(program, ["push", name, $"oci:{layout}:built"], cancellation).ConfigureAwait(false);
        }
        finally
        {
            // What was built stands upon its bases, so it goes first.
            foreach (var one in made.AsEnumerable().Reverse()) await RunAsync(program, ["rmi", "--force", one], CancellationToken.None).ConfigureAwait(false);
        }

        return await ImageOutput.ReadLayoutAsync(layout, cancellation).ConfigureAwait(false);
    }

    // Images of the own registry come through the own client, as files; in the program's store they have names of this build alone, which take their
    // places in a copy of the Dockerfile.
    private async Task<string?> WithOwnBasesAsync(string program, BuildRequest request, List<string> made, CancellationToken cancellation)
    {
        if (Client is not { } client) return request.Dockerfile;
        var bases = BaseName.In(await ImageBuilder.ReadAsync(request, cancellation).ConfigureAwait(false), request.Arguments)
            .Where(b => ImageReference.TryParse(b.Name, out var reference) && IsOwn(reference.Registry)).ToList();
        if (bases.Count == 0) return request.Dockerfile;
        var file = ImageBuilder.FileOf(request);
        var lines = (await File.ReadAllTextAsync(file, cancellation).ConfigureAwait(false)).ReplaceLineEndings("\n").Split('\n');
        foreach (var same in bases.GroupBy(b => b.Name, StringComparer.Ordinal))
        {
            var local = await FetchAsync(program, client, ImageReference.Parse(same.Key), request, made, cancellation).ConfigureAwait(false);
            foreach (var one in same)
            {
                var at = lines[one.Line].IndexOf(one.Written, StringComparison.Ordinal);
                if (at < 0) throw new BuildException($"{request.ShownAs ?? file}:{one.Line + 1}: write the image {one.Written} on the line of its instruction");
                lines[one.Line] = string.Concat(lines[one.Line].AsSpan(0, at), local, lines[one.Line].AsSpan(at + one.Written.Length));
            }
        }

        var copy = Path.Combine(work, "Dockerfile");
        await File.WriteAllLinesAsync(copy, lines, cancellation).ConfigureAwait(false);
        if (new FileInfo(file + ".dockerignore") is { Exists: true, LinkTarget: null } ignore) ignore.CopyTo(copy + ".dockerignore");
        return copy;
    }

    private async Task<string> FetchAsync(string program, RegistryClient client, ImageReference reference, BuildRequest request, List<string> made, CancellationToken cancellation)
    {
        var manifest = await client.GetImageAsync(reference, request.Platforms[0], cancellation).ConfigureAwait(false);
        var root = new Descriptor { MediaType = manifest.MediaType, Digest = manifest.Digest.ToString(), Size = manifest.Content.Length };
        var blobs = manifest.Facts.Blobs.DistinctBy(b => b.Digest).Select(b => (b, (Func<Stream>)(() => client.OpenBlob(reference, b, cancellation)))).ToList();

        // The program names what it takes from a folder after the folder, as it is told its path.
        var folder = $"base-{Guid.NewGuid():N}";
        await ImageOutput.WriteLayoutAsync(new BuiltImage(root, [(root, manifest.Content.ToArray())], blobs, new Dictionary<string, ImageReference>()), Path.Combine(work, folder), "base", cancellation).ConfigureAwait(false);
        var local = $"localhost/{folder}";
        var pulled = await RunAsync(program, ["pull", "--quiet", $"oci:{folder}:base"], cancellation).ConfigureAwait(false);
        await RunAsync(program, ["tag", pulled.Trim().Split('\n')[^1].Trim(), local], cancellation).ConfigureAwait(false);
        made.Add(local);
        return local;
    }

    private async Task<string> RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        var variables = new Dictionary<string, string>();
        foreach (var name in (string[])["HOME", "XDG_RUNTIME_DIR", "XDG_DATA_HOME", "TMPDIR", "LANG", "STORAGE_DRIVER", "CONTAINERS_STORAGE_CONF"])
        {
            if (environment(name) is { } value) variables[name] = value;
        }

        var call = new ProgramCall(program, arguments) { Environment = variables, TimeLimit = LongestBuild, WorkingFolder = work };
        var result = await runner.RunAsync(call, cancellation).ConfigureAwait(false);
        if (result.ExitCode != 0) throw new BuildException($"{program} {arguments[0]} ended with {result.ExitCode}: {result.Errors.Trim()}", needsEngine: true);
        return System.Text.Encoding.UTF8.GetString(result.Output.Span);
    }

    private bool IsInstalled(string program) => (environment("PATH") ?? "").Split(Path.PathSeparator).Any(folder => folder.Length > 0 && File.Exists(Path.Combine(folder, program)));
}
