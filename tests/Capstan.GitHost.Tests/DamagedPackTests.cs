using System.Net;
using Capstan.GitHost.Repositories;
using static Capstan.GitHost.Tests.HandMadePack;

namespace Capstan.GitHost.Tests;

/// <summary>Packs that lie: each is refused, and neither a ref nor an object is left of it.</summary>
public sealed class DamagedPackTests
{
    private const string Missing = "0123456789012345678901234567890123456789";

    private static readonly Dictionary<string, Func<HandMadePack>> Packs = new()
    {
        ["a checksum of something else"] = () => Honest(new HandMadePack { WithChecksum = false }),
        ["more objects promised than there are"] = () => Honest(new HandMadePack { PromisedMore = 1 }),
        ["four thousand million objects promised"] = () => Honest(new HandMadePack { PromisedMore = -2 }),
        ["fewer objects promised than there are"] = () => Honest(new HandMadePack { PromisedMore = -1 }),
        ["an object of type 0"] = () => With(0, 3, [], Deflate(Text("abc"))),
        ["an object of type 5"] = () => With(5, 3, [], Deflate(Text("abc"))),
        ["an object larger than its head says"] = () => With(Blob, 2, [], Deflate(Text("abc"))),
        ["an object smaller than its head says"] = () => With(Blob, 9, [], Deflate(Text("abc"))),
        ["an object of 2^32 bytes that are not there"] = () => With(Blob, 1L << 32, [], Deflate(Text("abc"))),
        ["content that is not compressed"] = () => With(Blob, 3, [], Text("abc")),
        ["a delta whose base is nowhere"] = () => With(BaseDelta, 6, Convert.FromHexString(Missing), Deflate([3, 3, 3, 97, 98, 99])),
        ["a delta whose base is itself"] = () => With(OffsetDelta, 6, [0], Deflate([3, 3, 3, 97, 98, 99])),
        ["a delta whose base lies before the pack"] = () => With(OffsetDelta, 6, [0x80, 0x80, 0x7f], Deflate([3, 3, 3, 97, 98, 99])),
        ["a delta that lies about its base's size"] = () => With(BaseDelta, 6, Convert.FromHexString(Id(Blob, Text("hello\n"))), Deflate([5, 3, 3, 97, 98, 99])),
        ["a delta that lies about its result's size"] = () => With(BaseDelta, 6, Convert.FromHexString(Id(Blob, Text("hello\n"))), Deflate([6, 9, 3, 97, 98, 99])),
        ["a delta that copies past its base"] = () => With(BaseDelta, 5, Convert.FromHexString(Id(Blob, Text("hello\n"))), Deflate([6, 16, 0x91, 5, 16])),
        ["the same object twice"] = () => Honest(Honest(new HandMadePack())),
        ["two deltas that are each other's base"] = Circle,
    };

    public static TheoryData<string> Cases => [.. Packs.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_pack_that_lies_leaves_neither_refs_nor_objects(string name)
    {
        await using var host = await GitHostFixture.StartAsync();
        await host.SeedAsync();
        var path = host.Store.PathTo(RepositoryName.Parse("shop"));
        var before = await host.RefsAsync();
        var objects = await host.GitAsync(path, "count-objects", "-v");
        var commit = CommitOf(Id(Tree, []));
        var answer = await host.PushAsync(Wire.Push("refs/heads/new", Id(Commit, commit), Packs[name]().ToArray()));
        Assert.DoesNotContain("ok refs/heads/new", answer, StringComparison.Ordinal);
        Assert.Contains("unpack", answer, StringComparison.Ordinal);
        Assert.Equal(before, await host.RefsAsync());
        Assert.Equal(objects, await host.GitAsync(path, "count-objects", "-v"));
        await host.FsckAsync("shop");
    }

    [Fact]
    public async Task What_follows_a_pack_is_not_taken_for_more_of_it()
    {
        await using var host = await GitHostFixture.StartAsync();
        await host.SeedAsync();
        byte[] body = [.. Wire.Push("refs/heads/new", Id(Commit, CommitOf(Id(Tree, []))), Honest(new HandMadePack()).ToArray()), .. Text("0000PACK more")];
        using var answer = await host.SendAsync(HttpMethod.Post, "/git/shop.git/git-receive-pack", Wire.Body(body, "git-receive-pack"), host.Token);
        Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.BadRequest);
        await host.FsckAsync("shop");
    }

    private static HandMadePack Honest(HandMadePack pack)
    {
        pack.Add(Tree, []);
        pack.Add(Commit, CommitOf(Id(Tree, [])));
        return pack;
    }

    private static HandMadePack With(int type, long size, byte[] reference, byte[] compressed)
    {
        var pack = Honest(new HandMadePack());
        pack.AddRaw(type, size, reference, compressed);
        return pack;
    }

    private static HandMadePack Circle()
    {
        var pack = Honest(new HandMadePack());
        pack.AddRaw(BaseDelta, 6, Convert.FromHexString(Id(Blob, Text("abc"))), Deflate([3, 3, 3, 120, 121, 122]));
        pack.AddRaw(BaseDelta, 6, Convert.FromHexString(Id(Blob, Text("xyz"))), Deflate([3, 3, 3, 97, 98, 99]));
        return pack;
    }
}
