using System.Runtime.InteropServices;
using System.Text.Json;
using Capstan.Workflows.Images;

namespace Capstan.Workflows.Actions.BuiltIn;

/// <summary><c>capstan/build-image</c> and <c>docker/build-push-action</c>: the image is built outside the job, from files of its workspace, and pushed.</summary>
/// <param name="own">Whether names without a registry are those of the own one, and an image without a name gets one; else Docker's rules hold.</param>
internal sealed class BuildImageStep(bool own) : IBuiltInStep
{
    private static readonly string[] Unsupported =
    [
        "secrets", "secret-envs", "secret-files", "ssh", "build-contexts", "add-hosts", "allow", "annotations", "attests", "call", "cgroup-parent", "network", "shm-size", "ulimit",
    ];

    public async Task<bool> RunAsync(BuiltInCall call, CancellationToken cancellation)
    {
        var session = call.Session;
        var images = session.Services.Images;
        var push = call.Input("push") == "true" || call.Input("outputs").Contains("push=true", StringComparison.Ordinal) || call.Input("outputs").Contains("type=registry", StringComparison.Ordinal);
        foreach (var input in Unsupported.Where(i => call.Input(i).Length > 0)) call.Say($"##[warning]{input} is not supported here and changes nothing");
        var names = Words(call, "tags");
        if (own) names = names.Count > 0 ? [.. names.Select(n => ImageNames.Own(images.Registry, n))] : [ImageNames.Default(images.Registry, session.Plan.Run.Repository, session.Plan.Run.Event.Sha)];
        if (push && names.Count == 0) return call.Fail("push: needs tags, the names under which the image is pushed");
        if (push && session.Plan.Run.Event.IsUntrusted) return call.Fail("push: this run is of somebody whom nobody here trusts; it may build and not push");
        if (call.Input("load") == "true") call.Say("##[warning]load: no job has a container engine into which an image could be loaded; push it, and name it in a job's container");
        var context = call.Input("context");
        if (context.Contains("://", StringComparison.Ordinal) || context.StartsWith("git@", StringComparison.Ordinal)) return call.Fail($"context: '{context}' is an address; check the repository out (actions/checkout) and name the folder");
        var folder = session.Folder.Inside(context, "context");
        if (!Directory.Exists(folder)) return call.Fail($"context: there is no folder '{context}'. Does a step before check the repository out (actions/checkout)?");
        var order = new BuildOrder(folder, ImageNames.OriginOf(session))
        {
            Dockerfile = Dockerfile(call, folder, out var shown),
            ShownAs = shown,
            Target = call.Input("target") is { Length: > 0 } target ? target : null,
            Arguments = ImageNames.Pairs("build-args", call.Lines("build-args")),
            Labels = ImageNames.Pairs("labels", call.Lines("labels")),
            Platforms = Words(call, "platforms") is { Count: > 0 } platforms ? platforms : [$"linux/{(RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "amd64")}"],
            Names = push ? names : [],
            Logins = session.Logins,
        };
        var built = await images.BuildAsync(order, call.Say, cancellation).ConfigureAwait(false);
        foreach (var name in built.Pushed) session.Images.Add(name);
        call.Say(built.Pushed.Count > 0 ? $"pushed {string.Join(", ", built.Pushed)}" : $"built {built.Digest}, and pushed it nowhere (push is not true)");
        call.Output("digest", built.Digest);
        call.Output("imageid", built.ImageId);
        call.Output("image", built.Pushed is [var first, ..] ? first : "");
        call.Output("metadata", Metadata(built));
        return true;
    }

    // A Dockerfile that is a link could lie anywhere: it is refused like every path that a workflow names.
    private static string? Dockerfile(BuiltInCall call, string folder, out string shown)
    {
        var workspace = call.Session.Folder.Workspace;
        var path = call.Input("file") is { Length: > 0 } given ? call.Session.Folder.Inside(given, "file")
            : ((string[])["Dockerfile", "Containerfile"]).Select(n => call.Session.Folder.Inside(Path.Combine(Path.GetRelativePath(workspace, folder), n), "file")).FirstOrDefault(File.Exists);
        shown = path is null ? "Dockerfile" : Path.GetRelativePath(workspace, path);
        if (path is null || !File.Exists(path)) throw new WorkflowException($"{(path is null ? Path.Combine(call.Input("context"), "Dockerfile") : shown)}: there is no such file in the workspace. Does a step before check the repository out (actions/checkout)?");
        return path;
    }

    // Lists of Docker's actions: a line or a comma between entries.
    private static List<string> Words(BuiltInCall call, string input) => [.. call.Lines(input).SelectMany(l => l.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];

    private static string Metadata(BuildOutcome built)
    {
        var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject("containerimage.descriptor");
            json.WriteString("mediaType", built.MediaType);
            json.WriteString("digest", built.Digest);
            json.WriteNumber("size", built.Size);
            json.WriteEndObject();
            json.WriteString("containerimage.digest", built.Digest);
            json.WriteString("containerimage.config.digest", built.ImageId);
            json.WriteString("image.name", string.Join(',', built.Pushed));
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }
}
