using System.Text;
using Capstan.Containers;
using Capstan.Containers.Containers;
using Capstan.Containers.Streams;
using Capstan.Sources.Processes;
using Capstan.Workflows.Logs;

namespace Capstan.Workflows.Backends.Containers;

/// <summary>The image of each label of <c>runs-on</c>: what the operator set, and for the usual labels one that is made here, once, of Debian's packages.</summary>
/// <param name="engine">The engine whose store holds them.</param>
/// <param name="options">What the operator set.</param>
/// <param name="folder">Where large files lie while an image is made.</param>
/// <param name="programs">Starts programs.</param>
public sealed class RunnerImages(ContainerEngine engine, ContainerBackendOptions options, string folder, ProcessRunner programs) : IDisposable
{
    private static readonly string[] ProgramFolders = ["/usr/local/bin", "/usr/bin", "/bin"];
    private const string OsRelease = "/etc/os-release";
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);
    private readonly SemaphoreSlim _making = new(1);

    /// <inheritdoc/>
    public void Dispose() => _making.Dispose();

    /// <summary>The image for a job of these labels; made first, where it has to be.</summary>
    /// <exception cref="WorkflowException">There is none, or it could not be made.</exception>
    public async Task<string> FindAsync(IReadOnlyList<string> labels, Action<string> log, CancellationToken cancellation)
    {
        var now = await options.ImagesNow(cancellation).ConfigureAwait(false);
        if (Among(labels, now, options.Images) is { } set) return set;
        if (labels.Any(l => options.Recipe.Labels.Contains(l))) return await OwnAsync(log, cancellation).ConfigureAwait(false);
        throw new WorkflowException(
            $"no image is set for runs-on: {string.Join(", ", labels)}. Name one under spec.workflows.runnerImages of the Settings or with --runner-image {(labels.Count > 0 ? labels[0] : "*")}=IMAGE, write one of {string.Join(", ", options.Recipe.Labels)}, or name a container in the job");
    }

    /// <summary>The image of the first label that has one, else that of <c>*</c>; what stands in an earlier list counts first.</summary>
    internal static string? Among(IReadOnlyList<string> labels, params ReadOnlySpan<IReadOnlyDictionary<string, string>> lists)
    {
        foreach (var label in labels.Append("*"))
        {
            foreach (var list in lists)
            {
                if (list.GetValueOrDefault(label) is { } image) return image;
            }
        }

        return null;
    }

    private async Task<string> OwnAsync(Action<string> log, CancellationToken cancellation)
    {
        var recipe = options.Recipe;
        var suite = recipe.Suite.Length > 0 ? recipe.Suite : File.Exists(OsRelease) && RunnerRecipe.SuiteOf(await File.ReadAllTextAsync(OsRelease, cancellation).ConfigureAwait(false)) is { Length: > 0 } here ? here : RunnerRecipe.UsualSuite;
        var name = $"{RunnerRecipe.Name}:{recipe.Tag(suite)}";
        await _making.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (await engine.Images.InspectAsync(name, cancellation).ConfigureAwait(false) is not null) return name;
            log($"Makes the runner's image {name}, once: Debian {suite} with {string.Join(' ', recipe.Packages)}. This takes some minutes");
            if (Program("mmdebstrap") is { } program && Environment.IsPrivilegedProcess) await BootstrapAsync(program, suite, log, cancellation).ConfigureAwait(false);
            else await InstallAsync(suite, log, cancellation).ConfigureAwait(false);
            log($"Made {name}");
            return name;
        }
        catch (Exception failure) when (failure is ContainerEngineException or ProgramException)
        {
            throw new WorkflowException($"the runner's image {name} could not be made: {failure.Message}. Name one with --runner-image {recipe.Labels[0]}=IMAGE, or name a container in the job", failure);
        }
        finally
        {
            _making.Release();
        }
    }

    // Debian's own tool makes the whole system of packages, from the archive that this machine's apt uses.
    private async Task BootstrapAsync(string program, string suite, Action<string> log, CancellationToken cancellation)
    {
        var recipe = options.Recipe;
        Directory.CreateDirectory(folder);
        var archive = Path.Combine(folder, $"{recipe.Tag(suite)}.tar");
        try
        {
            var call = new ProgramCall("/bin/sh", ["-c", "exec \"$@\" 2>&1", "sh", program, "--variant=minbase", "--mode=root", $"--include={string.Join(',', recipe.Packages)}", suite, archive])
            {
                Environment = new Dictionary<string, string> { ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", ["HOME"] = folder, ["LC_ALL"] = "C.UTF-8" },
                TimeLimit = Longest,
            };
            var last = "";
            var exit = await programs.StreamAsync(call, static (_, _) => Task.CompletedTask, (output, token) => ReadAsync(output, line => log(last = line), token), cancellation).ConfigureAwait(false);
            if (exit.ExitCode != 0) throw new ProgramException($"mmdebstrap ended with exit code {exit.ExitCode}: {last}");
            await using var file = File.OpenRead(archive);
            await engine.Images.ImportAsync(RunnerRecipe.Name, recipe.Tag(suite), file, cancellation).ConfigureAwait(false);
        }
        finally
        {
            File.Delete(archive);
        }
    }

    // Elsewhere packages are put into Debian's published image.
    private async Task InstallAsync(string suite, Action<string> log, CancellationToken cancellation)
    {
        var recipe = options.Recipe;
        var from = recipe.Base.Replace("{suite}", suite, StringComparison.Ordinal);
        if (await engine.Images.InspectAsync(from, cancellation).ConfigureAwait(false) is null) await engine.Images.PullAsync(from, null, cancellation).ConfigureAwait(false);
        var id = await engine.Containers.CreateAsync(new ContainerSpec
        {
            Name = $"capstan-ci-image-{recipe.Tag(suite)}",
            Image = from,
            Entrypoint = ["sh", "-c", "while :; do sleep 3600; done"],
            Network = ContainerNetwork.Bridge,
        }, cancellation).ConfigureAwait(false);
        try
        {
            await engine.Containers.StartAsync(id, cancellation).ConfigureAwait(false);
            string[][] commands = [["apt-get", "update", "-q"], ["apt-get", "install", "-q", "-y", "--no-install-recommends", .. recipe.Packages], ["apt-get", "clean"]];
            foreach (var command in commands)
            {
                var last = "";
                var cutter = new LineCutter(line => log(last = line));
                var exit = await engine.Containers.RunAsync(id, new ExecSpec(command) { Environment = new Dictionary<string, string> { ["DEBIAN_FRONTEND"] = "noninteractive" } }, (piece, _) =>
                {
                    cutter.Write(piece.Bytes.Span);
                    return ValueTask.CompletedTask;
                }, cancellation).ConfigureAwait(false);
                cutter.End();
                if (exit != 0) throw new ContainerEngineException(EngineProblem.Failed, $"{string.Join(' ', command.Take(2))} in {from} ended with exit code {exit}: {last}");
            }

            await engine.Containers.CommitAsync(id, RunnerRecipe.Name, recipe.Tag(suite), cancellation).ConfigureAwait(false);
        }
        finally
        {
            await engine.Containers.RemoveAsync(id, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static async Task ReadAsync(Stream output, Action<string> take, CancellationToken cancellation)
    {
        using var reader = new StreamReader(output, Encoding.UTF8);
        while (await reader.ReadLineAsync(cancellation).ConfigureAwait(false) is { } line) take(line);
    }

    private static string? Program(string name) =>
        ProgramFolders.Select(f => Path.Combine(f, name)).FirstOrDefault(File.Exists);
}
