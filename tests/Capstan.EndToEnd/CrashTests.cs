using Capstan.EndToEnd.Fixtures;

namespace Capstan.EndToEnd;

public class CrashTests
{
    private const int Objects = 60;

    [Theory]
    [InlineData(30)]
    [InlineData(150)]
    [InlineData(400)]
    public async Task Killed_in_the_middle_of_a_sync_it_ends_the_sync_after_its_restart(int milliseconds)
    {
        await using var server = await LiveServer.StartAsync();
        using var copy = await WorkingCopy.CreateAsync(server, "many");
        copy.Write("deploy/first.yaml", StoryTests.ConfigMap("first"));
        var commit = await copy.PushAsync("One");
        (await server.CapstanAsync("create", "app", "many", "--repo", "many", "--path", "deploy", "--dest-namespace", "many",
            "--sync-policy", "automated", "--auto-prune", "--self-heal", "--sync-option", "CreateNamespace=true")).Expect(0);
        await server.ConvergeAsync("many", commit);

        for (var i = 0; i < Objects; i++) copy.Write($"deploy/c{i:00}.yaml", StoryTests.ConfigMap($"c{i:00}"));
        commit = await copy.PushAsync("Many");
        await Task.Delay(milliseconds, TestContext.Current.CancellationToken);
        await server.KillAsync();

        await server.UpAsync();
        Assert.Equal(commit, await copy.GitAsync("ls-remote", "origin", "refs/heads/main") is { Length: > 40 } line ? line[..40] : "");
        await server.ConvergeAsync("many", commit);
        var names = (await server.KubectlAsync("get", "configmaps", "-n", "many", "-l", "!none", "-o", "name")).Expect(0).Out;
        Assert.Equal(Objects + 1, names.Split('\n').Count(n => n.StartsWith("configmap/c", StringComparison.Ordinal) || n == "configmap/first"));
    }
}
