using System.CommandLine;
using Capstan.Cli.Building;
using Capstan.Oci.Manifests;
using Capstan.Oci.References;
using Capstan.OciClient;
using Capstan.OciClient.Signing;
using Capstan.Registry.Building;
using Capstan.Registry.Building.Outside;
using Capstan.Sources.Processes;

namespace Capstan.Cli.Commands;

/// <summary><c>capstan build DIR</c></summary>
internal static class BuildCommand
{
    public static Command Create(CliContext context)
    {
        var folder = new Argument<string>("DIR") { Description = "The build's folder, with its Dockerfile" };
        var tag = new Option<string[]>("--tag", "-t") { Description = "The image's name: [REGISTRY/]NAME[:TAG]; may be given several times", HelpName = "REF" };
        var push = new Option<bool>("--push") { Description = "Push it under each name" };
        var output = new Option<string?>("--output", "-o") { Description = "Write it as an OCI layout into this folder", HelpName = "FOLDER" };
        var file = new Option<string?>("--file", "-f") { Description = "The Dockerfile, where it is not DIR/Dockerfile", HelpName = "FILE" };
        var target = new Option<string?>("--target") { Description = "The stage to build, where it is not the last", HelpName = "STAGE" };
        var arguments = new Option<string[]>("--build-arg") { Description = "A value of ARG", HelpName = "NAME=VALUE" };
        var labels = new Option<string[]>("--label") { Description = "A label to add", HelpName = "NAME=VALUE" };
        var sign = new Option<string?>("--sign") { Description = "Sign what is pushed with this private key (ECDSA, PEM, no password), as cosign does", HelpName = "FILE" };
        var platforms = new Option<string?>("--platform") { Description = "For what: OS/ARCHITECTURE, several with commas make an index", HelpName = "LIST" };
        var command = new Command("build", """
            Build a container image without a daemon, the same bytes from the same input. A Dockerfile with RUN is built by buildah or podman.

            Examples:
              capstan build . -t 127.0.0.1:7070/shop:v1 --push
              capstan build . -o ./image --platform linux/amd64,linux/arm64
            """) { folder, tag, push, output, file, target, arguments, labels, platforms, sign };
        command.SetAction(async (line, cancellation) =>
        {
            var names = (line.GetValue(tag) ?? []).Select(ReadName).ToArray();
            if (line.GetValue(push) && names.Length == 0) throw new CommandException(ExitCodes.Usage, "--push: needs a name; give one with -t");
            var request = new BuildRequest(Path.GetFullPath(line.GetValue(folder)!))
            {
                Dockerfile = line.GetValue(file) is { } named ? Path.GetFullPath(named) : null,
                Target = line.GetValue(target),
                Arguments = Pairs("--build-arg", line.GetValue(arguments)),
                Labels = Pairs("--label", line.GetValue(labels)),
                Time = ReadTime(context),
                Platforms = line.GetValue(platforms) is { } list ? [.. list.Split(',').Select(ReadPlatform)] : new BuildRequest("").Platforms,
            };
            if (line.GetValue(sign) is { } keyFile && !line.GetValue(push)) throw new CommandException(ExitCodes.Usage, $"--sign {keyFile}: a signature lies in the registry; add --push");
            using var key = line.GetValue(sign) is { } pem ? ReadKey(pem) : null;
            if (!Directory.Exists(request.Folder)) throw new CommandException(ExitCodes.NotFound, $"{request.Folder}: there is no such folder");
            return await RunAsync(context, line, request, names, new Destination(line.GetValue(push), line.GetValue(output), key), cancellation).ConfigureAwait(false);
        });
        return command;
    }

    private static async Task<int> RunAsync(CliContext context, ParseResult line, BuildRequest request, ImageReference[] names, Destination to, CancellationToken cancellation)
    {
        var work = Directory.CreateTempSubdirectory("capstan-build-").FullName;
        try
        {
            using var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false };
            using var client = new RegistryClient(handler, Registries.Book(line, context), context.Clock);
            BuiltImage image;
            try
            {
                image = await new ImageBuilder(client, work).BuildAsync(request, cancellation).ConfigureAwait(false);
            }
            catch (BuildException why) when (why.NeedsEngine)
            {
                image = await new ProgramBuilder(new ProcessRunner(context.Clock), context.Environment, work).BuildAsync(request, why, context.Say, cancellation).ConfigureAwait(false);
            }

            if (to.Folder is not null) await ImageOutput.WriteLayoutAsync(image, Path.GetFullPath(to.Folder), names.FirstOrDefault()?.Tag?.Text, cancellation).ConfigureAwait(false);
            foreach (var name in to.Push ? names : [])
            {
                await ImageOutput.PushAsync(image, name, client, cancellation).ConfigureAwait(false);
                if (to.Key is { } key) await new ImageSignatures(client).SignAsync(name, image.Root, key, cancellation).ConfigureAwait(false);
                context.Say($"pushed {name}{(to.Key is null ? "" : ", signed")}");
            }

            if (!to.Push && to.Folder is null) context.Say("built and kept nowhere; --push pushes it, --output FOLDER writes it");
            context.Out.WriteLine(image.Root.Digest);
            return ExitCodes.Fine;
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    private sealed record Destination(bool Push, string? Folder, SigningKey? Key);

    private static SigningKey ReadKey(string file)
    {
        try
        {
            return SigningKey.FromPem(File.ReadAllText(file));
        }
        catch (System.Security.Cryptography.CryptographicException e)
        {
            throw new CommandException(ExitCodes.Refused, $"{file}: {e.Message}");
        }
    }

    // The convention of reproducible builds; without it everything bears the first second of 1970.
    private static DateTimeOffset ReadTime(CliContext context) =>
        context.Environment("SOURCE_DATE_EPOCH") is not { } text ? DateTimeOffset.UnixEpoch
            : long.TryParse(text, out var seconds) && seconds is >= 0 and < 253_402_300_800 ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : throw new CommandException(ExitCodes.Usage, $"SOURCE_DATE_EPOCH={text}: is no number of seconds since 1970");

    private static ImageReference ReadName(string text) =>
        ImageReference.TryParse(text, out var reference) && reference.Digest is null ? reference : throw new CommandException(ExitCodes.Usage, $"-t {text}: is no name such as 127.0.0.1:7070/shop:v1");

    private static Platform ReadPlatform(string text)
    {
        try
        {
            return Platform.Parse(text.Trim());
        }
        catch (FormatException e)
        {
            throw new CommandException(ExitCodes.Usage, $"--platform: {e.Message}");
        }
    }

    private static Dictionary<string, string> Pairs(string option, string[]? given)
    {
        var pairs = new Dictionary<string, string>();
        foreach (var text in given ?? [])
        {
            if (text.Split('=', 2) is not [{ Length: > 0 } name, var value]) throw new CommandException(ExitCodes.Usage, $"{option} {text}: is not NAME=VALUE");
            pairs[name] = value;
        }

        return pairs;
    }
}
