using Capstan.Registry.Building;
using Capstan.Sources.Processes;

namespace Capstan.Cli.Building;

/// <summary>Builds with buildah or Podman where one is installed, and brings the image here as an OCI layout: credentials stay with Capstan's own client.</summary>
/// <param name="context">The outside world.</param>
/// <param name="work">A folder of the build's own.</param>
internal sealed class OutsideBuilder(CliContext context, string work)
{
    private static readonly string[] Programs = ["buildah", "podman"];

    public async Task<BuiltImage> BuildAsync(BuildRequest request, BuildException why, CancellationToken cancellation)
    {
        var program = Programs.FirstOrDefault(IsInstalled)
            ?? throw new CommandException(ExitCodes.Refused, $"{why.Message}. Neither buildah nor podman is installed here; install one, or build without such instructions");
        if (request.Platforms.Count > 1) throw new CommandException(ExitCodes.Refused, $"{why.Message}. {program} is asked for one platform at a time; build each by itself");
        context.Say($"{why.Message}: {program} builds");
        var name = $"localhost/capstan-build-{Guid.NewGuid():N}";
        List<string> arguments = [program == "buildah" ? "bud" : "build", "--isolation", "chroot", "--format", "oci", "-t", name, "--platform", request.Platforms[0].ToString()];
        if (request.Dockerfile is { } file) arguments.AddRange(["-f", file]);
        if (request.Target is { } target) arguments.AddRange(["--target", target]);
        foreach (var (key, value) in request.Arguments) arguments.AddRange(["--build-arg", $"{key}={value}"]);
        foreach (var (key, value) in request.Labels) arguments.AddRange(["--label", $"{key}={value}"]);
        var layout = Path.Combine(work, "layout");
        await RunAsync(program, [.. arguments, "--", request.Folder], cancellation).ConfigureAwait(false);
        try
        {
            await RunAsync(program, ["push", name, $"oci:{layout}:built"], cancellation).ConfigureAwait(false);
        }
        finally
        {
            await RunAsync(program, ["rmi", name], CancellationToken.None).ConfigureAwait(false);
        }

        return await ImageOutput.ReadLayoutAsync(layout, cancellation).ConfigureAwait(false);
    }

    private async Task RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        var environment = new Dictionary<string, string>();
        foreach (var name in (string[])["HOME", "XDG_RUNTIME_DIR", "XDG_DATA_HOME", "TMPDIR", "LANG", "STORAGE_DRIVER", "CONTAINERS_STORAGE_CONF"])
        {
            if (context.Environment(name) is { } value) environment[name] = value;
        }

        var call = new ProgramCall(program, arguments) { Environment = environment, TimeLimit = TimeSpan.FromHours(1), WorkingFolder = Directory.GetCurrentDirectory() };
        var result = await new ProcessRunner(context.Clock).RunAsync(call, cancellation).ConfigureAwait(false);
        if (result.ExitCode != 0) throw new CommandException(ExitCodes.Refused, $"{program} {arguments[0]} ended with {result.ExitCode}: {result.Errors.Trim()}");
    }

    private bool IsInstalled(string program) => (context.Environment("PATH") ?? "").Split(Path.PathSeparator).Any(folder => folder.Length > 0 && File.Exists(Path.Combine(folder, program)));
}
