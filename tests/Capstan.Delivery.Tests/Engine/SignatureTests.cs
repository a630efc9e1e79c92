using System.Diagnostics;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Tests.Engine;

public sealed class SignatureTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sig-").FullName;
    private string _gpg = "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/gpg") && File.Exists("/usr/bin/ssh-keygen"), "gpg and ssh-keygen are not installed");
        foreach (var who in (string[])["ann", "eve"])
        {
            await RunAsync("gpg", "--batch", "--passphrase", "", "--quick-generate-key", $"{who} <{who}@example.com>", "ed25519", "sign", "never");
            await RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", who, "-f", Path.Combine(_folder, who));
        }

        // git asks this program in the name of gpg, with the keys of this test.
        _gpg = Path.Combine(_folder, "gpg.sh");
        await File.WriteAllTextAsync(_gpg, $"#!/bin/sh\nGNUPGHOME={_folder} exec gpg \"$@\"\n", Cancel);
        await RunAsync("chmod", "u+x", _gpg);
    }

    public async ValueTask DisposeAsync()
    {
        await RunAsync("gpgconf", "--kill", "gpg-agent");
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<string> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["GNUPGHOME"] = _folder;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(Cancel);
        var error = await process.StandardError.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"{program}: {error}");
    }

    private async Task<string> FingerprintAsync(string who) =>
        (await RunAsync("gpg", "--with-colons", "--list-keys", $"{who}@example.com")).Split('\n').First(l => l.StartsWith("fpr:", StringComparison.Ordinal)).Split(':')[9];

    private async Task<string> SshFingerprintAsync(string who) => (await RunAsync("ssh-keygen", "-l", "-f", Path.Combine(_folder, who + ".pub"))).Split(' ')[1];

    // Signs by GnuPG, by SSH where the key is a file, or not at all.
    private async Task<string> CommitAsync(Ground ground, string value, string? key)
    {
        var work = Path.Combine(_folder, "work" + value);
        await GitFolder.RunAsync(_folder, "clone", "-q", ground.Git.Bare, work);
        Directory.CreateDirectory(Path.Combine(work, "deploy"));
        await File.WriteAllTextAsync(Path.Combine(work, "deploy", "a.yaml"), $"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata: {{k: \"{value}\"}}\n", Cancel);
        await GitFolder.RunAsync(work, "add", "-A");
        string[] sign = key is null ? ["--no-gpg-sign"] : [$"-S{key}"];
        string[] format = key?.StartsWith('/') == true ? ["-c", "gpg.format=ssh"] : ["-c", $"gpg.program={_gpg}"];
        await GitFolder.RunAsync(work, [.. format, "commit", "-q", "-m", value, .. sign]);
        await GitFolder.RunAsync(work, "push", "-q", "origin", "HEAD:main");
        ground.Git.Pushed!(ground.Git.Url);
        return (await GitFolder.RunAsync(work, "rev-parse", "HEAD")).Trim();
    }

    private static async Task ProjectAsync(Ground ground, string keys) => await ground.Client.ApplyAsync(
        Make.Object($$"""{"apiVersion":"argoproj.io/v1alpha1","kind":"AppProject","metadata":{"name":"team","namespace":"capstan"},"spec":{"sourceRepos":["*"],"destinations":[{"server":"*","namespace":"*"} ],"signatureKeys":{{keys}} } }"""),
        new ApplyOptions { Force = true }, Cancel);

    private static Task<YamlMap> SaysAsync(Ground ground, string text) => ground.UntilAsync(s => s["conditions"]?.ToString().Contains(text, StringComparison.Ordinal) == true);

    [Fact]
    public async Task Only_commits_that_a_key_of_the_project_signed_are_synced()
    {
        await using var ground = await Ground.StartAsync();
        var ann = await FingerprintAsync("ann");
        await ground.Git.CommitAsync("Begin", ("readme.md", "x"));
        await ProjectAsync(ground, $$"""[{"keyID":"{{ann[^16..]}}"}]""");
        var first = await CommitAsync(ground, "1", ann);
        await ground.CreateApplicationAsync("""{"automated":{"prune":true},"syncOptions":["CreateNamespace=true"]},"project":"team" """);
        await SaysAsync(ground, "the key of its signature is not among those that are configured");

        // Both keys are known; only one of them is trusted.
        var armour = new YamlMapBuilder().Set("ann", await RunAsync("gpg", "--armor", "--export", "ann@example.com")).Set("eve", await RunAsync("gpg", "--armor", "--export", "eve@example.com")).Set("broken", "no key at all");
        await ground.Client.CreateAsync(new KubernetesObject(YamlMap.Of(
            ("apiVersion", "v1"), ("kind", "ConfigMap"), ("metadata", YamlMap.Of(("name", "argocd-gpg-keys-cm"), ("namespace", "capstan"))), ("data", armour.ToMap()))), cancellation: Cancel);
        await ground.SyncedAsync(first);

        await CommitAsync(ground, "2", null);
        await SaysAsync(ground, "it is not signed, but project \\\"team\\\" requires a signature");
        await CommitAsync(ground, "3", await FingerprintAsync("eve"));
        await SaysAsync(ground, "which the project does not name");
        Assert.Equal("1", (await ground.FindAsync("ConfigMap", "a"))!.Body.At("data", "k")!.AsString());
        await ground.SyncedAsync(await CommitAsync(ground, "4", ann));
    }

    [Fact]
    public async Task Signatures_of_SSH_keys_count_too()
    {
        await using var ground = await Ground.StartAsync();
        await ground.Git.CommitAsync("Begin", ("readme.md", "x"));
        var signers = string.Concat((await Task.WhenAll(((string[])["ann", "eve"]).Select(async who => $"{who}@example.com {await File.ReadAllTextAsync(Path.Combine(_folder, who + ".pub"), Cancel)}"))).Select(l => l.TrimEnd() + "\n"));
        await ground.Client.CreateAsync(new KubernetesObject(YamlMap.Of(
            ("apiVersion", "v1"), ("kind", "ConfigMap"), ("metadata", YamlMap.Of(("name", "capstan-ssh-signers-cm"), ("namespace", "capstan"))), ("data", YamlMap.Of(("allowed_signers", signers))))), cancellation: Cancel);
        await ProjectAsync(ground, $$"""[{"keyID":"{{await SshFingerprintAsync("ann")}}"}]""");
        var first = await CommitAsync(ground, "1", Path.Combine(_folder, "ann"));
        await ground.CreateApplicationAsync("""{"automated":{"prune":true},"syncOptions":["CreateNamespace=true"]},"project":"team" """);
        await ground.SyncedAsync(first);
        await CommitAsync(ground, "2", Path.Combine(_folder, "eve"));
        await SaysAsync(ground, "which the project does not name");
    }

    [Fact]
    public async Task A_cluster_of_one_project_is_not_for_another_and_a_project_may_permit_only_its_own()
    {
        await using var ground = await Ground.StartAsync();
        var commit = await ground.Git.CommitAsync("Begin", ("deploy/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"));
        async Task SpecAsync(string more) => await ground.Client.ApplyAsync(
            Make.Object($$"""{"apiVersion":"argoproj.io/v1alpha1","kind":"AppProject","metadata":{"name":"team","namespace":"capstan"},"spec":{"sourceRepos":["*"],"destinations":[{"server":"*","namespace":"*"}]{{more}} } }"""),
            new ApplyOptions { Force = true }, Cancel);
        async Task SecretAsync(string project) => await ground.Client.ApplyAsync(
            Make.Object($$"""{"apiVersion":"v1","kind":"Secret","metadata":{"name":"own","namespace":"capstan","labels":{"argocd.argoproj.io/secret-type":"cluster"} },"data":{"name":"{{B64("own")}}","server":"{{B64("https://kubernetes.default.svc")}}","project":"{{B64(project)}}"} }"""),
            new ApplyOptions { Force = true }, Cancel);
        static string B64(string text) => Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text));

        await SpecAsync(""","permitOnlyProjectScopedClusters":true""");
        await ground.CreateApplicationAsync("""{"automated":{},"syncOptions":["CreateNamespace=true"]},"project":"team" """);
        await SaysAsync(ground, "is not a cluster of project \\\"team\\\", which permits only its own");
        await SecretAsync("other");
        await SaysAsync(ground, "belongs to project \\\"other\\\" and is not for project \\\"team\\\"");
        await SpecAsync("");
        await SaysAsync(ground, "belongs to project \\\"other\\\"");
        await SecretAsync("team");
        await ground.SyncedAsync(commit);
    }
}
