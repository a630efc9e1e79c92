using Capstan.GitHost.Repositories;
using static Capstan.GitHost.Tests.HandMadePack;

namespace Capstan.GitHost.Tests;

/// <summary>Objects that are no honest commits, trees or tags are refused, each with git's own name for what is wrong.</summary>
public sealed class MalformedObjectTests
{
    private const string Who = "Ada <ada@example.com> 1700000000 +0000";
    private static readonly string Empty = Id(Blob, []);

    private static readonly Dictionary<string, (byte[] Tree, string Said)> Trees = new()
    {
        ["parent folder"] = (Entry("40000", "..", Id(Tree, [])), "hasDotdot"),
        ["the folder itself"] = (Entry("40000", ".", Id(Tree, [])), "hasDot"),
        [".git"] = (Entry("40000", ".git", Id(Tree, [])), "hasDotgit"),
        [".GIT"] = (Entry("40000", ".GIT", Id(Tree, [])), "hasDotgit"),
        ["git~1"] = (Entry("40000", "git~1", Id(Tree, [])), "hasDotgit"),
        [".git with characters that Mac disks ignore"] = (Entry("40000", ".g\u200cit", Id(Tree, [])), "hasDotgit"),
        ["a path"] = (Entry("100644", "a/b", Empty), "fullPathname"),
        ["no name"] = (Entry("100644", "", Empty), "empty filename"),
        ["zero-padded mode"] = (Entry("0100644", "a", Empty), "zeroPaddedFilemode"),
        ["null id"] = (Entry("100644", "a", Wire.Zero), "nullSha1"),
        ["unsorted"] = ([.. Entry("100644", "b", Empty), .. Entry("100644", "a", Empty)], "treeNotSorted"),
        ["twice the same name"] = ([.. Entry("100644", "a", Empty), .. Entry("100755", "a", Empty)], "duplicateEntries"),
        ["a file and a folder of one name"] = ([.. Entry("100644", "a", Empty), .. Entry("40000", "a", Id(Tree, []))], "duplicateEntries"),
        [".gitmodules that is a link"] = (Entry("120000", ".gitmodules", Empty), "gitmodulesSymlink"),
        ["an id that is cut off"] = (Entry("100644", "a", Empty)[..^5], "badTree"),
    };

    private static readonly Dictionary<string, (string Commit, string Said)> Commits = new()
    {
        ["no tree"] = ($"author {Who}\ncommitter {Who}\n\nx\n", "bogus commit object"),
        ["a tree that is no id"] = ($"tree master\nauthor {Who}\ncommitter {Who}\n\nx\n", "bogus commit object"),
        ["a parent that is no id"] = ($"tree TREE\nparent x\nauthor {Who}\ncommitter {Who}\n\nx\n", "bad parents in commit"),
        ["no author"] = ($"tree TREE\ncommitter {Who}\n\nx\n", "missingAuthor"),
        ["two authors"] = ($"tree TREE\nauthor {Who}\nauthor {Who}\ncommitter {Who}\n\nx\n", "multipleAuthors"),
        ["no committer"] = ($"tree TREE\nauthor {Who}\n\nx\n", "missingCommitter"),
        ["no address"] = ($"tree TREE\nauthor Ada 1700000000 +0000\ncommitter {Who}\n\nx\n", "missingEmail"),
        ["a bad address"] = ($"tree TREE\nauthor Ada <ada@<x> 1700000000 +0000\ncommitter {Who}\n\nx\n", "badEmail"),
        ["no date"] = ($"tree TREE\nauthor Ada <ada@example.com>\ncommitter {Who}\n\nx\n", "missingSpaceBeforeDate"),
        ["a date past all time"] = ($"tree TREE\nauthor Ada <ada@example.com> 99999999999999999999 +0000\ncommitter {Who}\n\nx\n", "badDateOverflow"),
        ["a zero-padded date"] = ($"tree TREE\nauthor Ada <ada@example.com> 0170 +0000\ncommitter {Who}\n\nx\n", "zeroPaddedDate"),
        ["a bad time zone"] = ($"tree TREE\nauthor Ada <ada@example.com> 1700000000 zone\ncommitter {Who}\n\nx\n", "badTimezone"),
        ["NUL in the head"] = ($"tree TREE\nauthor A\0da <ada@example.com> 1700000000 +0000\ncommitter {Who}\n\nx\n", "nulInHeader"),
        ["NUL in the message"] = ($"tree TREE\nauthor {Who}\ncommitter {Who}\n\nx\0y\n", "nulInCommit"),
        ["a head without an end"] = ($"tree TREE\nauthor {Who}\ncommitter {Who}", "unterminatedHeader"),
    };

    private static readonly Dictionary<string, (string Tag, string Said)> Tags = new()
    {
        ["no object"] = ($"type commit\ntag v1\ntagger {Who}\n\nx\n", "invalid tag"),
        ["an object that is no id"] = ($"object x\ntype commit\ntag v1\ntagger {Who}\n\nx\n", "invalid tag"),
        ["a type of no kind"] = ($"object COMMIT\ntype folder\ntag v1\ntagger {Who}\n\nx\n", "unknown tag type"),
        ["no name"] = ($"object COMMIT\ntype commit\ntagger {Who}\n\nx\n", "invalid tag"),
    };

    public static TheoryData<string> TreeCases => [.. Trees.Keys];

    public static TheoryData<string> CommitCases => [.. Commits.Keys];

    public static TheoryData<string> TagCases => [.. Tags.Keys];

    [Fact]
    public async Task A_hand_made_pack_of_honest_objects_is_taken()
    {
        var pack = new HandMadePack();
        var blob = pack.Add(Blob, Text("hello\n"));
        var tree = pack.Add(Tree, Entry("100644", "a", blob));
        var commit = pack.Add(Commit, CommitOf(tree));
        var tag = pack.Add(Tag, Text($"object {commit}\ntype commit\ntag v1\ntagger {Who}\n\nx\n"));
        await using var host = await GitHostFixture.StartAsync();
        await host.SeedAsync();
        Assert.Contains("ok refs/tags/v1", await host.PushAsync(Wire.Push("refs/tags/v1", tag, pack.ToArray())), StringComparison.Ordinal);
        Assert.Equal("hello\n", await host.GitAsync(host.Store.PathTo(RepositoryName.Parse("shop")), "show", "v1^{commit}:a"));
        await host.FsckAsync("shop");
    }

    [Theory]
    [MemberData(nameof(TreeCases))]
    public Task Trees_that_no_git_writes_are_refused(string name)
    {
        var pack = new HandMadePack();
        pack.Add(Blob, []);
        pack.Add(Tree, []);
        return RefusedAsync(pack, pack.Add(Commit, CommitOf(pack.Add(Tree, Trees[name].Tree))), "refs/heads/new", Trees[name].Said);
    }

    [Theory]
    [MemberData(nameof(CommitCases))]
    public Task Commits_that_no_git_writes_are_refused(string name)
    {
        var pack = new HandMadePack();
        var tree = pack.Add(Tree, []);
        var commit = pack.Add(Commit, Text(Commits[name].Commit.Replace("TREE", tree, StringComparison.Ordinal)));
        return RefusedAsync(pack, commit, "refs/heads/new", Commits[name].Said);
    }

    [Theory]
    [MemberData(nameof(TagCases))]
    public Task Tags_that_no_git_writes_are_refused(string name)
    {
        var pack = new HandMadePack();
        var commit = pack.Add(Commit, CommitOf(pack.Add(Tree, [])));
        var tag = pack.Add(Tag, Text(Tags[name].Tag.Replace("COMMIT", commit, StringComparison.Ordinal)));
        return RefusedAsync(pack, tag, "refs/tags/v1", Tags[name].Said);
    }

    [Fact]
    public Task A_commit_whose_tree_is_missing_is_refused()
    {
        var pack = new HandMadePack();
        return RefusedAsync(pack, pack.Add(Commit, CommitOf("0123456789012345678901234567890123456789")), "refs/heads/new", "unpack");
    }

    [Fact]
    public async Task A_branch_that_names_a_tree_is_refused()
    {
        await using var host = await GitHostFixture.StartAsync();
        await host.SeedAsync();
        var before = await host.RefsAsync();
        var pack = new HandMadePack();
        var tree = pack.Add(Tree, Entry("100644", "a", pack.Add(Blob, Text("a"))));
        Assert.Contains("ng refs/heads/new", await host.PushAsync(Wire.Push("refs/heads/new", tree, pack.ToArray())), StringComparison.Ordinal);
        Assert.Equal(before, await host.RefsAsync());
    }

    // Public histories have them, and every other host takes them.
    [Fact]
    public async Task What_git_only_remarks_on_is_taken()
    {
        var pack = new HandMadePack();
        var tree = pack.Add(Tree, Entry("100664", "a", pack.Add(Blob, Text("a"))));
        var commit = pack.Add(Commit, CommitOf(tree));
        var tag = pack.Add(Tag, Text($"object {commit}\ntype commit\ntag v1\n\nno tagger\n"));
        await using var host = await GitHostFixture.StartAsync();
        await host.SeedAsync();
        Assert.Contains("ok refs/tags/v1", await host.PushAsync(Wire.Push("refs/tags/v1", tag, pack.ToArray())), StringComparison.Ordinal);
    }

    // git's own word for it is told, and neither a ref nor an object is left of the push.
    private static async Task RefusedAsync(HandMadePack pack, string id, string reference, string said)
    {
        await using var host = await GitHostFixture.StartAsync();
        await host.SeedAsync();
        var before = await host.RefsAsync();
        var answer = await host.PushAsync(Wire.Push(reference, id, pack.ToArray()));
        Assert.DoesNotContain("ok " + reference, answer, StringComparison.Ordinal);
        Assert.Contains(said, answer, StringComparison.Ordinal);
        Assert.Equal(before, await host.RefsAsync());
        var path = host.Store.PathTo(RepositoryName.Parse("shop"));
        Assert.NotEqual(0, (await host.TryGitAsync(path, "cat-file", "-e", id)).ExitCode);
        await host.FsckAsync("shop");
    }
}
