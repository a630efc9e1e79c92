using System.Diagnostics;

namespace Capstan.Server.Tests;

/// <summary>Images that steps of workflows build: in a whole server, by a push.</summary>
public sealed class ImageBuildTests(WorkflowServer server) : IClassFixture<WorkflowServer>
{
    private const string Dockerfile = "FROM scratch\nCOPY hello.txt /\nCMD [\"/hello\"]\n";

    [Fact]
    public async Task A_step_builds_an_image_which_is_in_the_registry_signed_and_says_where_it_comes_from()
    {
        var commit = server.Push("built",
        [
            ("Dockerfile", Dockerfile), ("hello.txt", "hello\n"),
            (".github/workflows/ci.yaml", """
                on: push
                jobs:
                  image:
                    runs-on: x
                    steps:
                      - uses: actions/checkout@v4
                      - id: image
                        uses: capstan/build-image@v1
                      - run: echo "digest ${{ steps.image.outputs.digest }} image ${{ steps.image.outputs.image }} id ${{ steps.image.outputs.imageid }} type ${{ fromJSON(steps.image.outputs.metadata)['containerimage.descriptor'].mediaType }}"
                """),
        ]);
        var run = await server.EndedAsync("built");
        var log = await server.LogAsync(run);
        Assert.True(run.GetProperty("conclusion").GetString() == "success", log);
        Assert.Matches($"digest sha256:[0-9a-f]{{64}} image {server.Server.Url.Authority}/built:{commit[..12]}@sha256:[0-9a-f]{{64}} id sha256:[0-9a-f]{{64}} type application/vnd.oci.image.manifest", log);

        // skopeo reads it as any client does; cosign's tags lie beside it.
        var reference = $"docker://{server.Server.Url.Authority}/built";
        Assert.Contains("/hello", Skopeo("inspect", "--config", $"{reference}:{commit[..12]}"), StringComparison.Ordinal);
        var tags = Skopeo("list-tags", reference);
        Assert.Contains(".sig\"", tags, StringComparison.Ordinal);
        Assert.Contains(".att\"", tags, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_from_GitHub_with_Dockers_actions_builds_and_pushes_unchanged()
    {
        var host = server.Server.Url.Authority;
        var commit = server.Push("team/shop",
        [
            ("deep/Dockerfile", "ARG NAME\nFROM scratch\nARG NAME\nLABEL name=$NAME\nCOPY hello.txt /\n"), ("deep/hello.txt", "hello\n"),
            (".github/workflows/ci.yaml", $$$"""
                on: push
                jobs:
                  image:
                    runs-on: ubuntu-latest
                    steps:
                      - uses: actions/checkout@v4
                      - uses: docker/setup-buildx-action@v3
                      - uses: docker/login-action@v3
                        with:
                          registry: {{{host}}}
                          username: ${{ github.actor }}
                          password: ${{ secrets.GITHUB_TOKEN }}
                      - id: meta
                        uses: docker/metadata-action@v5
                        with:
                          images: {{{host}}}/${{ github.repository }}
                          tags: |
                            type=ref,event=branch
                            type=sha
                            type=raw,value=stable,enable={{is_default_branch}}
                      - uses: docker/build-push-action@v6
                        with:
                          context: deep
                          push: true
                          tags: ${{ steps.meta.outputs.tags }}
                          labels: ${{ steps.meta.outputs.labels }}
                          build-args: NAME=the shop
                          platforms: linux/amd64,linux/arm64
                """),
        ]);
        var run = await server.EndedAsync("team/shop");
        Assert.True(run.GetProperty("conclusion").GetString() == "success", await server.LogAsync(run));
        foreach (var tag in new[] { "main", $"sha-{commit[..7]}", "stable" })
        {
            var config = Skopeo("inspect", "--config", $"docker://{host}/team/shop:{tag}");
            Assert.Contains("\"name\": \"the shop\"", config, StringComparison.Ordinal);
            Assert.Contains($"\"org.opencontainers.image.revision\": \"{commit}\"", config, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_Dockerfile_that_runs_commands_is_built_by_a_program_of_the_machine()
    {
        server.Push("ran",
        [
            ("Dockerfile", "FROM scratch\nCOPY busybox /bin/busybox\nRUN [\"/bin/busybox\", \"mkdir\", \"/made\"]\n"),
            (".github/workflows/ci.yaml", "on: push\njobs: {a: {runs-on: x, steps: [{uses: actions/checkout@v4}, {run: cp \"$(command -v busybox)\" busybox}, {uses: capstan/build-image@v1, with: {tags: ran:v1}}]}}"),
        ]);
        var run = await server.EndedAsync("ran");
        var log = await server.LogAsync(run);
        Assert.True(run.GetProperty("conclusion").GetString() == "success", log);
        Assert.Contains("Dockerfile:3: RUN", log, StringComparison.Ordinal);
        Assert.Contains("\"created_by\"", Skopeo("inspect", "--config", $"docker://{server.Server.Url.Authority}/ran:v1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_Dockerfile_that_runs_commands_finds_its_base_in_the_own_registry()
    {
        server.Push("based",
        [
            ("base/Dockerfile", "FROM scratch\nCOPY busybox /bin/busybox\nENV OF=base\n"),
            ("Dockerfile", "ARG BASE\nFROM $BASE AS one\nRUN [\"/bin/busybox\", \"touch\", \"/made\"]\nFROM one\n"),
            (".github/workflows/ci.yaml", """
                on: push
                jobs:
                  a:
                    runs-on: x
                    steps:
                      - uses: actions/checkout@v4
                      - run: cp "$(command -v busybox)" base/busybox
                      - {id: base, uses: capstan/build-image@v1, with: {context: base, tags: based/base:v1}}
                      - {uses: capstan/build-image@v1, with: {tags: based:v1, build-args: "BASE=${{ steps.base.outputs.image }}"}}
                """),
        ]);
        var run = await server.EndedAsync("based");
        var log = await server.LogAsync(run);
        Assert.True(run.GetProperty("conclusion").GetString() == "success", log);
        Assert.Contains("\"OF=base\"", Skopeo("inspect", "--config", $"docker://{server.Server.Url.Authority}/based:v1"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("elsewhere", "capstan/build-image@v1, with: {tags: other/image:v1}", "may not push")]
    [InlineData("leaves", "capstan/build-image@v1, with: {context: ..}", "context: '..' leads out of the workspace, which is not allowed")]
    [InlineData("linked", "capstan/build-image@v1, with: {file: link}", "file: 'link' leads through the link 'link', which is not followed")]
    [InlineData("nameless", "docker/build-push-action@v6, with: {push: true}", "push: needs tags, the names under which the image is pushed")]
    [InlineData("uncopied", "capstan/build-image@v1, with: {file: Missing}", "Missing:2: COPY")]
    public async Task What_cannot_be_built_or_may_not_be_pushed_fails_its_step_with_the_reason(string repository, string step, string error)
    {
        server.Push(repository,
        [
            ("Dockerfile", Dockerfile), ("hello.txt", "hello\n"), ("Missing", "FROM scratch\nCOPY nothing.txt /\n"),
            (".github/workflows/ci.yaml", $"on: push\njobs: {{a: {{runs-on: x, steps: [{{uses: actions/checkout@v4}}, {{run: ln -s /etc/passwd link}}, {{uses: {step}}}]}}}}"),
        ]);
        var run = await server.EndedAsync(repository);
        Assert.Equal("failure", run.GetProperty("conclusion").GetString());
        Assert.Contains(error, await server.LogAsync(run), StringComparison.Ordinal);
    }

    private string Skopeo(string verb, params string[] arguments)
    {
        var start = new ProcessStartInfo("skopeo", [verb, "--tls-verify=false", "--creds", $"x:{server.Server.TokenText}", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var skopeo = Process.Start(start)!;
        var output = skopeo.StandardOutput.ReadToEnd();
        var error = skopeo.StandardError.ReadToEnd();
        skopeo.WaitForExit();
        Assert.True(skopeo.ExitCode == 0, error);
        return output;
    }
}
