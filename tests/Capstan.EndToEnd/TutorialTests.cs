using Capstan.EndToEnd.Fixtures;

namespace Capstan.EndToEnd;

/// <summary>The tutorial, as somebody would type it: every command of it, one after another, in a real shell.</summary>
public sealed class TutorialTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private const string Told = "http://127.0.0.1:7070/";
    private const string CodeIndent = "    ";

    [Fact]
    public async Task Every_command_of_the_tutorial_works_one_after_another()
    {
        var commands = (await File.ReadAllLinesAsync(Path.Combine(Programs.Root, "docs", "tutorial.md"), TestContext.Current.CancellationToken))
            .Where(l => l.StartsWith(CodeIndent, StringComparison.Ordinal)).Select(l => l[CodeIndent.Length..]).ToList();
        // The server is there already; it is the one command that never ends.
        Assert.Equal("capstan up --create-on-push", commands[0]);
        var folder = Directory.CreateTempSubdirectory("capstan-tutorial-").FullName;
        try
        {
            var bin = Path.Combine(folder, "bin");
            Directory.CreateDirectory(bin);
            File.CreateSymbolicLink(Path.Combine(bin, "capstan"), Path.GetFullPath(await Programs.CapstanAsync()));
            File.CreateSymbolicLink(Path.Combine(bin, "kubectl"), Path.GetFullPath(await Programs.KubectlAsync()));
            var server = new Uri(shared.Server.Url);
            var answer = await Programs.RunAsync("bash", ["-euo", "pipefail", "-x", "-c", string.Join('\n', commands.Skip(1))], folder, new Dictionary<string, string>
            {
                ["PATH"] = $"{bin}:{Environment.GetEnvironmentVariable("PATH")}",
                ["HOME"] = folder,
                ["CAPSTAN_SERVER"] = shared.Server.Url,
                ["CAPSTAN_DATA"] = shared.Server.Data,
                ["GIT_AUTHOR_NAME"] = "Reader",
                ["GIT_AUTHOR_EMAIL"] = "reader@example.test",
                ["GIT_COMMITTER_NAME"] = "Reader",
                ["GIT_COMMITTER_EMAIL"] = "reader@example.test",
                // The address stays as it is written; git alone is told where it leads, and with which password.
                ["GIT_CONFIG_COUNT"] = "1",
                ["GIT_CONFIG_KEY_0"] = $"url.http://reader:{shared.Server.Token}@{server.Authority}/.insteadOf",
                ["GIT_CONFIG_VALUE_0"] = Told,
            });
            answer.Expect(0);
            Assert.Contains("shop", answer.Out, StringComparison.Ordinal);
            Assert.Contains("Reader", answer.Out, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
