using Capstan.GitHost.Repositories;
using Capstan.Sources.Git;
using Capstan.Sources.Processes;

namespace Capstan.GitHost.Tests;

/// <summary>Repositories that many pushes have scattered are packed anew, beside pushes and readers.</summary>
public sealed class UpkeepTests
{
    private static readonly UpkeepLimits Soon = new() { Packs = 3, LooseObjects = 300 };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_repository_of_many_pieces_becomes_one_pack_and_keeps_what_no_branch_reaches()
    {
        await using var host = await GitHostFixture.StartAsync();
        var (work, path) = await ScatteredAsync(host);
        var forced = await GitAsync(work, "rev-parse", "HEAD");
        await GitAsync(work, "commit", "--quiet", "--amend", "-m", "Another");
        await GitAsync(work, "push", "--quiet", "--force", "origin", "main");

        Assert.True(await UpkeepOf(host).TidyAsync(RepositoryName.Parse("many"), Cancellation));

        Assert.Single(Directory.GetFiles(Path.Combine(path, "objects", "pack"), "*.pack"));
        Assert.Equal("commit", await GitAsync(path, "cat-file", "-t", forced));
        await GitAsync(path, "fsck", "--full", "--strict");
        Assert.False(await UpkeepOf(host).TidyAsync(RepositoryName.Parse("many"), Cancellation));
        Assert.Equal(await GitAsync(work, "rev-parse", "HEAD"), (await GitAsync(work, "ls-remote", "origin", "main")).Split('\t')[0]);
    }

    [Fact]
    public async Task Pushes_and_clones_at_the_same_time_lose_nothing()
    {
        await using var host = await GitHostFixture.StartAsync();
        var (work, path) = await ScatteredAsync(host);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var upkeep = Task.Run(async () =>
        {
            var rounds = 0;
            for (; !ending.IsCancellationRequested; rounds++)
            {
                await new RepositoryUpkeep(host.Store, Program, new UpkeepLimits { Packs = 0, LooseObjects = -1 }).TidyAsync(RepositoryName.Parse("many"), Cancellation);
            }

            return rounds;
        }, Cancellation);
        for (var i = 0; i < 15; i++)
        {
            await CommitAsync(work, $"beside {i}");
            await GitAsync(work, "push", "--quiet", "origin", "main");
            var clone = Path.Combine(host.Folder, $"clone-{i}");
            await GitAsync(host.Folder, "clone", "--quiet", host.UrlWithToken("many"), clone);
            Assert.Equal(await GitAsync(work, "rev-parse", "HEAD"), await GitAsync(clone, "rev-parse", "HEAD"));
        }

        await ending.CancelAsync();
        Assert.True(await upkeep > 0);
        await GitAsync(path, "fsck", "--full", "--strict");
        Assert.Equal(await GitAsync(work, "rev-list", "--count", "HEAD"), await GitAsync(path, "rev-list", "--count", "main"));
    }

    [Fact]
    public async Task Housekeeping_that_takes_too_long_leaves_the_repository_as_it_was_and_the_next_start_sweeps()
    {
        await using var host = await GitHostFixture.StartAsync();
        var (work, path) = await ScatteredAsync(host);
        var told = new List<RepositoryName>();

        var packed = await new RepositoryUpkeep(host.Store, Program, Soon with { Longest = TimeSpan.FromTicks(1) }).RunAsync((name, _) => told.Add(name), Cancellation);

        Assert.Equal((0, "many"), (packed, Assert.Single(told).Text));
        var left = Path.Combine(path, "objects", "pack", ".tmp-7-pack-1.pack");
        await File.WriteAllTextAsync(left, "half", Cancellation);
        await host.Store.StartAsync(Cancellation);
        Assert.False(File.Exists(left));
        await CommitAsync(work, "after");
        await GitAsync(work, "push", "--quiet", "origin", "main");
    }

    private static GitProgram Program { get; } = new(new ProcessRunner(TimeProvider.System));

    private static RepositoryUpkeep UpkeepOf(GitHostFixture host) => new(host.Store, Program, Soon);

    // Pushes of more than a hundred objects each are kept as packs.
    private static async Task<(string Work, string Path)> ScatteredAsync(GitHostFixture host)
    {
        var work = Path.Combine(host.Folder, "work");
        Directory.CreateDirectory(work);
        await GitAsync(work, "init", "--quiet", "--initial-branch=main");
        await GitAsync(work, "remote", "add", "origin", host.UrlWithToken("many"));
        for (var push = 0; push < 5; push++)
        {
            for (var i = 0; i < 120; i++)
            {
                await File.WriteAllTextAsync(Path.Combine(work, $"f{i}"), $"{push} {i}", Cancellation);
            }

            await CommitAsync(work, $"push {push}");
            await GitAsync(work, "push", "--quiet", "origin", "main");
        }

        var path = host.Store.PathTo(RepositoryName.Parse("many"));
        Assert.Equal(5, Directory.GetFiles(Path.Combine(path, "objects", "pack"), "*.pack").Length);
        return (work, path);
    }

    private static async Task CommitAsync(string work, string subject)
    {
        await File.WriteAllTextAsync(Path.Combine(work, "subject"), subject, Cancellation);
        await GitAsync(work, "add", "--all");
        await GitAsync(work, "-c", "user.name=t", "-c", "user.email=t@localhost", "commit", "--quiet", "-m", subject);
    }

    private static async Task<string> GitAsync(string folder, params string[] arguments)
    {
        var call = GitProgram.Call(["-c", "user.name=t", "-c", "user.email=t@localhost", "-c", "protocol.allow=always", .. arguments]) with { WorkingFolder = folder };
        return (await Program.RunAsync(call, Cancellation)).Trim();
    }
}
