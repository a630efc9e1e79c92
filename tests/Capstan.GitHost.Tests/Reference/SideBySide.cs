using System.Net.Http.Headers;
using Capstan.GitHost.Repositories;

namespace Capstan.GitHost.Tests.Reference;

/// <summary>The same repository at our host and at git http-backend.</summary>
public sealed class SideBySide : IAsyncLifetime
{
    private GitHostFixture? _host;
    private HttpBackend? _judge;

    /// <summary>The tip of main, its parent, the tip of side, an annotated tag, a ref that is hidden, and a blob of the oldest commit.</summary>
    public Dictionary<string, string> Ids { get; } = [];

    private GitHostFixture Host => _host ?? throw new InvalidOperationException("not started");

    private string JudgeRoot => Path.Combine(Host.Folder, "judge");

    public async ValueTask InitializeAsync()
    {
        _host = await GitHostFixture.StartAsync(new GitHostOptions());
        _judge = new HttpBackend(JudgeRoot, Host.Runner);
        await Host.Store.CreateAsync(RepositoryName.Parse("shop"), CancellationToken.None);
        var work = await Host.NewWorkAsync("seed");
        Ids["first"] = await IdAsync(work, "HEAD");
        Ids["blob"] = await IdAsync(work, "HEAD:readme.txt");
        for (var i = 0; i < 4; i++)
        {
            Ids["main"] = await Host.CommitAsync(work, $"folder/file-{i}.txt", new string((char)('a' + i), 500));
        }

        Ids["parent"] = await IdAsync(work, "HEAD^");
        await Host.GitAsync(work, "tag", "-a", "v1", "-m", "one", "HEAD^");
        Ids["tag"] = await IdAsync(work, "v1");
        await Host.GitAsync(work, "switch", "-q", "-c", "side", "HEAD~2");
        Ids["side"] = await Host.CommitAsync(work, "side.txt", "side\n");
        await Host.GitAsync(work, "switch", "-q", "--orphan", "secret");
        Ids["hidden"] = await Host.CommitAsync(work, "secret.txt", "secret\n");
        var path = Host.Store.PathTo(RepositoryName.Parse("shop"));
        await Host.GitAsync(work, "push", "-q", path, "main", "side", "v1", "secret:refs/capstan/secret");
        Directory.CreateDirectory(JudgeRoot);
        await Host.GitAsync(Host.Folder, "clone", "-q", "--mirror", path, Path.Combine(JudgeRoot, "shop.git"));
        await Host.GitAsync(Path.Combine(JudgeRoot, "shop.git"), "symbolic-ref", "HEAD", "refs/heads/main");
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }
    }

    /// <summary>Replaces <c>{name}</c> by the id of that name.</summary>
    public string With(string text) => Ids.Aggregate(text, (all, id) => all.Replace($"{{{id.Key}}}", id.Value, StringComparison.Ordinal));

    /// <summary>Asks both.</summary>
    internal async Task<(HttpAnswer Ours, HttpAnswer Judge)> AskAsync(HttpAsk ask)
    {
        var judge = await _judge!.SendAsync(ask, TestContext.Current.CancellationToken);
        using var content = new ByteArrayContent(ask.Body);
        content.Headers.ContentType = ask.ContentType is null ? null : MediaTypeHeaderValue.Parse(ask.ContentType);
        if (ask.ContentEncoding is not null)
        {
            content.Headers.ContentEncoding.Add(ask.ContentEncoding);
        }

        using var answer = await Host.SendAsync(new HttpMethod(ask.Method), "/git" + ask.Path, ask.Method is "GET" or "HEAD" ? null : content, Host.Token, ask.Protocol);
        var body = await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        return (new HttpAnswer(answer.StatusCode, answer.Content.Headers.ContentType?.ToString(), body), judge);
    }

    /// <summary>The refs at both.</summary>
    public async Task<(string Ours, string Judge)> RefsAsync() =>
        (await Host.RefsAsync(), await Host.GitAsync(Path.Combine(JudgeRoot, "shop.git"), "for-each-ref"));

    /// <summary>What an answer means.</summary>
    internal Task<IReadOnlyList<string>> MeaningAsync(HttpAnswer answer) => PacketMeaning.ReadAsync(answer.Body, IdsOfAsync);

    // Thin packs are completed from the repository that they were made for.
    private async Task<string> IdsOfAsync(byte[] pack)
    {
        var name = Path.Combine(Host.NewFolder("packs"), Guid.NewGuid().ToString("N"));
        await File.WriteAllBytesAsync(name + ".pack", pack, TestContext.Current.CancellationToken);
        var path = Path.Combine(JudgeRoot, "shop.git");
        var result = await Host.TryGitAsync(path, "index-pack", "-o", name + ".idx", name + ".pack");
        if (result.ExitCode != 0)
        {
            return "unreadable: " + result.Errors;
        }

        var listed = await Host.GitAsync(path, "verify-pack", "-v", name + ".idx");
        return string.Join(' ', listed.Split('\n').Where(line => line.Length > 40 && line[40] == ' ').Select(line => line[..40]).Order(StringComparer.Ordinal));
    }

    private async Task<string> IdAsync(string work, string name) => (await Host.GitAsync(work, "rev-parse", name)).Trim();
}
