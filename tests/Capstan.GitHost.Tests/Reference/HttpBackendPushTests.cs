using System.Net;
using System.Text;
using static Capstan.GitHost.Tests.HandMadePack;
using static Capstan.GitHost.Tests.Wire;

namespace Capstan.GitHost.Tests.Reference;

/// <summary>The same pushes to our host and to git http-backend: the same report, and the same refs afterwards.</summary>
public sealed class HttpBackendPushTests
{
    private const string Next = "NEXT";

    // The commands; NEXT is a commit on top of main that the pack brings, {name} an id that is there.
    private static readonly Dictionary<string, string[]> Pushes = new()
    {
        ["a fast forward"] = ["{main} NEXT refs/heads/main"],
        ["a new branch"] = [$"{Zero} NEXT refs/heads/new"],
        ["a new branch of a commit that is there"] = [$"{Zero} {{side}} refs/heads/new"],
        ["a branch moved back"] = ["{main} {first} refs/heads/main"],
        ["a branch that has moved meanwhile"] = ["{parent} NEXT refs/heads/main"],
        ["a branch that is not there"] = [$"{{parent}} {Zero} refs/heads/none"],
        ["a deleted branch"] = [$"{{side}} {Zero} refs/heads/side"],
        ["the default branch deleted"] = [$"{{main}} {Zero} refs/heads/main"],
        ["a tag deleted"] = [$"{{tag}} {Zero} refs/tags/v1"],
        ["two branches of which one is stale"] = ["{main} NEXT refs/heads/main", "{parent} NEXT refs/heads/side"],
        ["a branch beneath a branch"] = [$"{Zero} NEXT refs/heads/main/below"],
        ["a name that is none"] = [$"{Zero} NEXT refs/heads/a..b"],
        ["a name outside refs"] = [$"{Zero} NEXT main"],
        ["a hidden ref"] = [$"{Zero} NEXT refs/capstan/new"],
        ["a commit that nobody brought"] = [$"{Zero} {new string('1', 40)} refs/heads/new"],
        ["a ref named twice"] = [$"{Zero} NEXT refs/heads/new", $"{Zero} {{side}} refs/heads/new"],
        ["a branch that stays"] = ["{main} {main} refs/heads/main"],
    };

    public static TheoryData<string, string> Cases
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var name in Pushes.Keys)
            {
                data.Add(name, "report-status");
                data.Add(name, "report-status-v2 side-band-64k delete-refs atomic");
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_push_is_reported_and_done_as_git_http_backend_does(string name, string capabilities)
    {
        Assert.SkipWhen(HttpBackend.Missing is not null, HttpBackend.Missing ?? "");
        await using var both = new SideBySide();
        await both.InitializeAsync();
        var (ours, judge) = await both.AskAsync(Push(both, Pushes[name], capabilities));
        Assert.Equal(judge.Status, ours.Status);
        Assert.Equal(HttpStatusCode.OK, ours.Status);
        Assert.Equal(judge.ContentType, ours.ContentType);
        Assert.Equal(await both.MeaningAsync(judge), await both.MeaningAsync(ours));
        var refs = await both.RefsAsync();
        Assert.Equal(refs.Judge, refs.Ours);
    }

    private static HttpAsk Push(SideBySide both, string[] commands, string capabilities)
    {
        var pack = new HandMadePack();
        var tree = pack.Add(Tree, Entry("100644", "a", pack.Add(Blob, HandMadePack.Text("pushed\n"))));
        const string who = "Ada <ada@example.com> 1700000000 +0000";
        var next = pack.Add(Commit, HandMadePack.Text($"tree {tree}\nparent {both.Ids["main"]}\nauthor {who}\ncommitter {who}\n\nPushed\n"));
        var lines = commands.Select((command, i) => Line(both.With(command).Replace(Next, next, StringComparison.Ordinal) + (i == 0 ? "\0 " + capabilities : "")));
        byte[] body = [.. Encoding.ASCII.GetBytes(string.Concat(lines) + "0000"), .. pack.ToArray()];
        return new HttpAsk("POST", "/shop.git/git-receive-pack")
        {
            ContentType = "application/x-git-receive-pack-request",
            Body = Array.TrueForAll(commands, command => command.Contains($" {Zero} ", StringComparison.Ordinal)) ? body[..^pack.ToArray().Length] : body,
        };
    }
}
