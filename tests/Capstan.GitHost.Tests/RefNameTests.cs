using static Capstan.GitHost.Tests.HandMadePack;

namespace Capstan.GitHost.Tests;

/// <summary>Which names a push may give to refs: git check-ref-format is the judge.</summary>
public sealed class RefNameTests
{
    public static TheoryData<string> Names =>
    [
        "refs/heads/../x", "refs/heads/a..b", "refs/heads/x.lock", "refs/heads/x.lock/y", "refs/heads/@{u}", "refs/heads/a b", "refs/heads/.x",
        "refs/heads/x.", "refs/heads/a//b", "refs/heads/a~1", "refs/heads/a^", "refs/heads/a:b", "refs/heads/a?", "refs/heads/a*", "refs/heads/a[b",
        "refs/heads/a\\b", "refs/heads/a\u0001", "refs/heads/a\u007f", "refs/heads/a\tb", "refs/heads/", "refs/heads/a/", "../../outside",
        "refs/heads/-x", "refs/heads/--upload-pack=touch", "refs/heads/@", "refs/heads/ma\u0456n", "refs/heads/\u00fc", "refs/heads/emoji-\U0001f600",
        "refs/heads/HEAD", "refs/notes/x", "refs/anything/at/all",
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_ref_is_made_exactly_when_git_calls_its_name_one(string reference)
    {
        await using var host = await GitHostFixture.StartAsync();
        await host.SeedAsync();
        var before = await host.RefsAsync();
        var allowed = (await host.TryGitAsync(host.Folder, "check-ref-format", reference)).ExitCode == 0;
        var answer = await PushAsync(host, reference);
        Assert.Equal(allowed, answer.Contains($"ok {reference}\n", StringComparison.Ordinal));
        Assert.Equal(allowed, before != await host.RefsAsync());
        await host.FsckAsync("shop");
    }

    [Theory]
    [InlineData("HEAD")]
    [InlineData("main")]
    [InlineData("config")]
    [InlineData("refs/heads/main/below")]
    [InlineData("refs/capstan/pins")]
    public async Task Names_that_are_taken_or_no_refs_are_refused(string reference)
    {
        await using var host = await GitHostFixture.StartAsync();
        await host.SeedAsync();
        var before = await host.RefsAsync();
        Assert.DoesNotContain("ok " + reference, await PushAsync(host, reference), StringComparison.Ordinal);
        Assert.Equal(before, await host.RefsAsync());
        await host.FsckAsync("shop");
    }

    [Fact]
    public async Task A_name_of_four_thousand_characters_is_refused_and_the_host_lives_on()
    {
        await using var host = await GitHostFixture.StartAsync();
        await host.SeedAsync();
        var before = await host.RefsAsync();
        foreach (var name in (string[])["refs/heads/" + new string('x', 4096), "refs/heads/" + string.Concat(Enumerable.Repeat("xxxxxxx/", 600)) + "x"])
        {
            Assert.DoesNotContain("ok " + name, await PushAsync(host, name), StringComparison.Ordinal);
        }

        Assert.Equal(before, await host.RefsAsync());
        await host.FsckAsync("shop");
    }

    private static Task<string> PushAsync(GitHostFixture host, string reference)
    {
        var pack = new HandMadePack();
        var commit = pack.Add(Commit, CommitOf(pack.Add(Tree, [])));
        return host.PushAsync(Wire.Push(reference, commit, pack.ToArray()));
    }
}
