using System.Diagnostics;
using System.Text;
using Capstan.Oci.Manifests;
using Capstan.Registry.Building;
using Capstan.Testing;

namespace Capstan.Registry.Tests.Building;

/// <summary>Images built in the process: the same bytes from the same input, and the file tree that buildah builds.</summary>
public sealed class BuildTests : IDisposable
{
    private readonly string _work = Directory.CreateTempSubdirectory("capstan-build-").FullName;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Context => Path.Combine(_work, "context");

    public void Dispose()
    {
        Run("chmod", "-R", "u+rwX", _work);
        Directory.Delete(_work, recursive: true);
    }

    public static TheoryData<string, string> Dockerfiles => new()
    {
        { "files, folders and names", "FROM scratch\nCOPY a.txt /\nCOPY a.txt /b/\nCOPY a.txt /c/d\nCOPY sub /e\nCOPY sub/ /f/\nCOPY . /all/" },
        { "globs", "FROM scratch\nCOPY *.txt /x/\nCOPY sub/?.txt sub/[b-c].md /y/" },
        { "owners and modes", "FROM scratch\nCOPY --chown=10:20 sub /e\nCOPY --chmod=640 a.txt /g\nCOPY --chown=7 a.txt /new/folder/" },
        { "stages", "FROM scratch AS one\nCOPY sub /data\nFROM scratch AS two\nCOPY --from=one /data/b.md /b\nFROM two\nCOPY --from=0 /data /again\nCOPY --from=two /b /c" },
        { "work folders", "FROM scratch\nWORKDIR /w\nWORKDIR x\nCOPY a.txt .\nCOPY a.txt ./y/\nWORKDIR ../z" },
        { "archives", "FROM scratch\nADD arch.tgz /un/\nADD a.txt /un/\nCOPY arch.tgz /kept/" },
        { "links", "FROM scratch\nCOPY link /l\nCOPY links/ /links/\nCOPY a.txt /links/folder/" },
        { "replaced", "FROM scratch\nCOPY a.txt /x\nCOPY sub/b.md /x\nCOPY sub /y\nCOPY a.txt /y/b.md" },
        { "variables", "ARG V=sub\nFROM scratch\nARG V\nARG W=deep\nENV X=/at Y=$W\nCOPY $V ${X}/${Y}/${NONE:-def}\nLABEL l=\"$V and \\$V\" m='$V'" },
        { "lines that go on", "FROM scratch\n# comment\nCOPY a.txt \\\n  # in between\n\n  sub/b.md \\\n  /d/" },
        { "lists", "FROM scratch\nCOPY [\"with space.txt\", \"/a b/\"]" },
    };

    [Theory]
    [MemberData(nameof(Dockerfiles))]
    public async Task The_file_tree_is_the_one_that_buildah_builds(string name, string dockerfile)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/buildah"), "buildah is not installed (apt-get install buildah)");
        Assert.NotEmpty(name);
        WriteContext(dockerfile);
        await ImageOutput.WriteLayoutAsync(await BuildAsync(), Path.Combine(_work, "layout"), "x", Stop);
        string[] store = ["--storage-driver", "vfs", "--root", Path.Combine(_work, "store"), "--runroot", Path.Combine(_work, "run")];
        Run("buildah", [.. store, "bud", "--isolation", "chroot", "-q", "-t", "localhost/judge", Context]);
        Run("skopeo", "copy", "-q", $"oci:{_work}/layout:x", $"containers-storage:[vfs@{_work}/store+{_work}/run]localhost/ours");
        Assert.Equal(Tree(store, "localhost/judge"), Tree(store, "localhost/ours"));
    }

    [Fact]
    public async Task The_same_input_gives_the_same_digest_whenever_and_wherever()
    {
        WriteContext("FROM scratch\nENV A=1\nLABEL z=1 a=2\nEXPOSE 90 80\nCOPY . /x/\nCMD [\"a\"]");
        var first = (await BuildAsync()).Root.Digest;
        foreach (var file in Directory.EnumerateFiles(Context)) File.SetLastWriteTimeUtc(file, new DateTime(2001, 2, 3, 0, 0, 0, DateTimeKind.Utc));
        Assert.Equal(first, (await BuildAsync()).Root.Digest);
        var moved = Path.Combine(_work, "elsewhere");
        Directory.Move(Context, moved);
        Assert.Equal(first, (await new ImageBuilder(null, Directory.CreateTempSubdirectory().FullName).BuildAsync(new BuildRequest(moved), Stop)).Root.Digest);
        File.AppendAllText(Path.Combine(moved, "a.txt"), "more");
        Assert.NotEqual(first, (await new ImageBuilder(null, Directory.CreateTempSubdirectory().FullName).BuildAsync(new BuildRequest(moved), Stop)).Root.Digest);
    }

    [Fact]
    public async Task How_it_is_run_is_in_the_configuration()
    {
        WriteContext("""
            FROM scratch
            ENV A=1 B="two words" A=3
            ENV OLD form of it
            LABEL l=x
            USER me:them
            EXPOSE 8080 53/udp
            VOLUME ["/v", "/w"]
            WORKDIR /app
            STOPSIGNAL SIGINT
            HEALTHCHECK --interval=1m30s --timeout=500ms --retries=2 CMD wget x
            ENTRYPOINT ["/app/x", "y"]
            SHELL ["/bin/bash", "-c"]
            CMD echo $A
            """);
        var config = (await ConfigAsync(await BuildAsync())).Config!;
        Assert.Equal(["A=3", "B=two words", "OLD=form of it"], config.Env!);
        Assert.Equal(("me:them", "/app", "SIGINT", "x"), (config.User, config.WorkingDir, config.StopSignal, config.Labels!["l"]));
        Assert.Equal(["53/udp", "8080/tcp"], config.ExposedPorts!.Keys);
        Assert.Equal(["/v", "/w"], config.Volumes!.Keys);
        Assert.Equal((90_000_000_000L, 500_000_000L, 2), (config.HealthCheck!.Interval!.Value, config.HealthCheck.Timeout!.Value, config.HealthCheck.Retries!.Value));
        Assert.Equal(["CMD-SHELL", "wget x"], config.HealthCheck.Test!);
        Assert.Equal(["/app/x", "y"], config.Entrypoint!);
        Assert.Equal(["/bin/bash", "-c", "echo $A"], config.Cmd!);
    }

    [Fact]
    public async Task Several_platforms_make_an_index_and_each_knows_its_own()
    {
        WriteContext("FROM scratch\nARG TARGETARCH\nCOPY $TARGETARCH.txt /x");
        foreach (var architecture in new[] { "amd64", "arm64" }) File.WriteAllText(Path.Combine(Context, architecture + ".txt"), architecture);
        var image = await BuildAsync(new BuildRequest(Context) { Platforms = [Platform.Parse("linux/amd64"), Platform.Parse("linux/arm64/v8")] });
        Assert.Equal(MediaTypes.ImageIndex, image.Root.MediaType);
        var index = OciJson.Read(image.Manifests[^1].Content, OciJson.Index);
        Assert.Equal(["linux/amd64", "linux/arm64/v8"], index.Manifests.Select(m => m.Platform!.ToString()));
        Assert.Equal(2, index.Manifests.Select(m => m.Digest).Distinct().Count());
    }

    [Fact]
    public async Task A_base_image_of_a_registry_or_a_layout_is_built_upon()
    {
        await using var registry = await RegistryFixture.StartAsync();
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
        using var client = new OciClient.RegistryClient(handler, new OciClient.RegistryBook(new Dictionary<string, OciClient.RegistryEntry> { [registry.Host] = new() { PlainHttp = true, Credential = new("a", registry.Token) } }), TimeProvider.System);
        WriteContext("FROM scratch\nENV BASE=1\nCOPY sub /lib64\nCOPY links /links");
        var bottom = await BuildAsync();
        await ImageOutput.PushAsync(bottom, Oci.References.ImageReference.Parse($"{registry.Host}/base:v1"), client, Stop);
        await ImageOutput.WriteLayoutAsync(bottom, Path.Combine(Context, "layout"), "v1", Stop);
        foreach (var from in new[] { $"{registry.Host}/base:v1", "oci:layout:v1", "oci:layout" })
        {
            File.WriteAllText(Path.Combine(Context, "Dockerfile"), $"FROM {from}\nENV TOP=$BASE\nCOPY a.txt /links/folder/");
            var image = await new ImageBuilder(client, Directory.CreateTempSubdirectory().FullName).BuildAsync(new BuildRequest(Context), Stop);
            var config = await ConfigAsync(image);
            Assert.Equal(["BASE=1", "TOP=1"], config.Config!.Env!);
            Assert.Equal(3, config.RootFs.DiffIds.Count);
            // /links/folder is a link to real: the file lands where it leads.
            Assert.Equal(["links/real/a.txt"], await FilesOfLastLayerAsync(image));
            await ImageOutput.PushAsync(image, Oci.References.ImageReference.Parse($"{registry.Host}/top:v1"), client, Stop);
        }
    }

    [Theory]
    [InlineData("FROM scratch\nCOPY none /x", "Dockerfile:2: COPY: none: is not there; .dockerignore may leave it out")]
    [InlineData("FROM scratch\nCOPY ../x /x", "../x: leads out of where files are copied from")]
    [InlineData("FROM scratch\nCOPY out /x", "out: is not there (a link that leads nowhere, or out of the folder)")]
    [InlineData("FROM scratch\nCOPY ignored.log /x", ".dockerignore may leave it out")]
    [InlineData("FROM scratch\nCOPY a.txt sub /x", "with several sources the destination ends with a slash")]
    [InlineData("FROM scratch\nADD https://example.com/x /x", "nothing is fetched from elsewhere")]
    [InlineData("FROM scratch\nRUN echo", "Dockerfile:2: RUN: commands are run by a container engine")]
    [InlineData("FROM scratch\nCOPY <<EOF /x\nhello\nEOF", "here-documents (<<) are not done here")]
    [InlineData("COPY a b", "Dockerfile:1: COPY: stands before the first FROM")]
    [InlineData("FROM scratch\nNONSENSE x", "Dockerfile:2: NONSENSE: is no instruction of Dockerfiles")]
    [InlineData("FROM", "is FROM IMAGE [AS NAME]")]
    [InlineData("FROM scratch\nENV X=${Y:?is needed}", "Y: is needed")]
    [InlineData("FROM scratch\nLABEL a=\"x", "a \" is not closed")]
    [InlineData("FROM a/UPPER", "is no image and no earlier stage")]
    [InlineData("FROM scratch\nEXPOSE 99999", "99999: is no port")]
    [InlineData("FROM scratch\nCOPY --chown=me a.txt /x", "me is no number, and the image's /etc/passwd does not name it")]
    [InlineData("FROM oci:../x\n", "lies outside the build's folder")]
    [InlineData("", "has no instructions")]
    [InlineData("FROM scratch\nCOPY --parents a.txt /x", "--parents is not done here")]
    public async Task What_cannot_be_built_is_said_with_its_line(string dockerfile, string message)
    {
        WriteContext(dockerfile);
        Assert.Contains(message, (await Assert.ThrowsAsync<BuildException>(() => BuildAsync())).Message, StringComparison.Ordinal);
    }

    private Task<BuiltImage> BuildAsync(BuildRequest? request = null) =>
        new ImageBuilder(null, Directory.CreateDirectory(Path.Combine(_work, Guid.NewGuid().ToString("N"))).FullName).BuildAsync(request ?? new BuildRequest(Context), Stop);

    private void WriteContext(string dockerfile)
    {
        Directory.CreateDirectory(Path.Combine(Context, "sub", "deep"));
        Directory.CreateDirectory(Path.Combine(Context, "links", "real"));
        File.WriteAllText(Path.Combine(Context, "Dockerfile"), dockerfile);
        foreach (var (path, text) in new[] { ("a.txt", "a"), ("with space.txt", "s"), ("sub/b.md", "b"), ("sub/c.txt", "c"), ("sub/deep/d.log", "d"), ("sub/deep/e", "e"), ("ignored.log", "i"), ("links/real/f", "f") })
        {
            File.WriteAllText(Path.Combine(Context, path), text);
        }

        Run("chmod", "500", Path.Combine(Context, "sub/c.txt"));
        File.CreateSymbolicLink(Path.Combine(Context, "link"), "a.txt");
        File.CreateSymbolicLink(Path.Combine(Context, "out"), "/etc/passwd");
        File.CreateSymbolicLink(Path.Combine(Context, "links/folder"), "real");
        File.WriteAllText(Path.Combine(Context, ".dockerignore"), "# none\n**/*.log\n!sub/deep/d.log\n");
        if (!dockerfile.Contains("arch", StringComparison.Ordinal)) return;
        Run("tar", "-C", Context, "-czf", Path.Combine(Context, "arch.tgz"), "--owner=5", "--group=6", "sub");
    }

    private static async Task<ImageConfig> ConfigAsync(BuiltImage image)
    {
        var manifest = OciJson.Read(image.Manifests[0].Content, OciJson.Manifest);
        using var stream = image.Blobs.Single(b => b.Descriptor.Digest == manifest.Config.Digest).Open();
        var buffer = new MemoryStream();
        await stream.CopyToAsync(buffer, Stop);
        return OciJson.Read(buffer.ToArray(), OciJson.Config);
    }

    private static async Task<IReadOnlyList<string>> FilesOfLastLayerAsync(BuiltImage image)
    {
        var layer = OciJson.Read(image.Manifests[0].Content, OciJson.Manifest).Layers[^1];
        using var gzip = new System.IO.Compression.GZipStream(image.Blobs.Single(b => b.Descriptor.Digest == layer.Digest).Open(), System.IO.Compression.CompressionMode.Decompress);
        await using var reader = new System.Formats.Tar.TarReader(gzip);
        var names = new List<string>();
        while (await reader.GetNextEntryAsync(cancellationToken: Stop) is { } entry) names.Add(entry.Name);
        return names;
    }

    private string Tree(string[] store, string image)
    {
        var container = Run("buildah", [.. store, "from", "--pull-never", image]).Trim();
        var folder = Run("buildah", [.. store, "mount", container]).Trim();
        Assert.NotEmpty(folder);
        var text = new StringBuilder();
        foreach (var line in Run("find", folder, "-mindepth", "1", "-printf", "%P|%y|%m|%U:%G|%l\\n").Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal))
        {
            var parts = line.Split('|');
            text.Append(line).AppendLine(parts[1] == "f" ? "|" + File.ReadAllText(Path.Combine(folder, parts[0])) : "");
        }

        return text.ToString();
    }

    private string Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _work };
        start.Environment["HOME"] = _work;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(Stop);
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {errors.GetAwaiter().GetResult()}");
        return output;
    }
}
