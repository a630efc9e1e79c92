using System.Security.Cryptography;
using Capstan.Sources.Git;
using Capstan.Sources.Http;
using Capstan.Sources.Ssrf;
using Capstan.Testing;

namespace Capstan.Sources.Tests.Http;

public sealed class RepositoryFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("capstan-files-").FullName;
    private readonly StaticServer _server = new();
    private readonly RepositoryFiles _files;

    public RepositoryFilesTests() => _files = Open();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private HttpRepository Registered => new(_server.Url) { Registered = true };

    public void Dispose()
    {
        _files.Dispose();
        _server.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_changing_file_is_asked_for_by_condition_and_fetched_when_it_changed()
    {
        _server.Put("index.yaml", "one");
        var first = await GetAsync();
        Assert.Equal("one", await File.ReadAllTextAsync(first.Path, Cancel));
        Assert.Equal(first, await GetAsync());
        Assert.NotNull(_server.Asked.Last().Condition);
        _server.Put("index.yaml", "two");
        Assert.Equal("two", await File.ReadAllTextAsync((await GetAsync()).Path, Cancel));
    }

    [Fact]
    public async Task What_was_asked_a_moment_ago_is_not_asked_again()
    {
        _server.Put("index.yaml", "one");
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _files.GetAsync(Registered, _server.Url + "/index.yaml", TimeSpan.FromMinutes(1), Cancel)));
        Assert.Single(_server.Asked);
    }

    [Fact]
    public async Task A_file_whose_hash_is_known_and_that_is_here_is_not_asked_for_at_all()
    {
        var content = RandomNumberGenerator.GetBytes(1000);
        _server.Files["a.tgz"] = content;
        var hash = Convert.ToHexStringLower(SHA256.HashData(content));
        Assert.Equal(hash, (await _files.GetImmutableAsync(Registered, _server.Url + "/a.tgz", "", Cancel)).Sha256);
        Assert.Equal(hash, (await _files.GetImmutableAsync(Registered, _server.Url + "/elsewhere.tgz", hash, Cancel)).Sha256);
        Assert.Single(_server.Asked);
    }

    [Fact]
    public async Task Without_the_server_what_is_here_is_used_also_after_a_restart()
    {
        _server.Put("index.yaml", "one");
        await GetAsync();
        var url = _server.Url;
        _server.Dispose();
        using var later = Open();
        var file = await later.GetAsync(new HttpRepository(url) { Registered = true }, url + "/index.yaml", TimeSpan.Zero, Cancel);
        Assert.Equal("one", await File.ReadAllTextAsync(file.Path, Cancel));
        var error = await Assert.ThrowsAsync<SourceException>(() => later.GetAsync(new HttpRepository(url) { Registered = true }, url + "/other.yaml", TimeSpan.Zero, Cancel));
        Assert.Equal(SourceProblem.Unreachable, error.Problem);
    }

    [Fact]
    public async Task A_repository_that_no_operator_registered_may_not_lead_into_the_network_and_a_registered_one_only_on_its_own_host()
    {
        _server.Put("index.yaml", "one");
        var error = await Assert.ThrowsAsync<SourceException>(() => _files.GetAsync(new HttpRepository(_server.Url), _server.Url + "/index.yaml", TimeSpan.Zero, Cancel));
        Assert.Equal(SourceProblem.Refused, error.Problem);

        // Its index may name any host, and it may redirect to any.
        using var inside = new StaticServer();
        inside.Put("secret", "s");
        _server.Redirects["away"] = inside.Url + "/secret";
        foreach (var url in (string[])[inside.Url + "/secret", _server.Url + "/away"])
        {
            Assert.Equal(SourceProblem.Refused, (await Assert.ThrowsAsync<SourceException>(() => _files.GetAsync(Registered, url, TimeSpan.Zero, Cancel))).Problem);
        }

        Assert.Empty(inside.Asked);
    }

    [Fact]
    public async Task Credentials_go_to_their_host_and_are_told_to_nobody()
    {
        _server.Put("index.yaml", "one");
        _server.Required = "Basic " + Convert.ToBase64String("me:hunter22"u8.ToArray());
        var error = await Assert.ThrowsAsync<SourceException>(GetAsync);
        Assert.Equal(SourceProblem.AuthenticationFailed, error.Problem);
        var known = Registered with { Credentials = RepositoryCredentials.Basic("me", "hunter22") };
        Assert.NotNull(await _files.GetAsync(known, _server.Url + "/index.yaml", TimeSpan.Zero, Cancel));

        // Who shows nothing gets nothing of what was fetched with a password.
        await Assert.ThrowsAsync<SourceException>(GetAsync);
        Assert.DoesNotContain("hunter22", (await Assert.ThrowsAsync<SourceException>(() => _files.GetAsync(known, _server.Url + "/missing?token=hunter22", TimeSpan.Zero, Cancel))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_larger_than_allowed_and_endless_redirects_end()
    {
        using var small = Open(new HttpLimits { FileBytes = 10 });
        _server.Put("big", new string('x', 11));
        Assert.Equal(SourceProblem.TooLarge, (await Assert.ThrowsAsync<SourceException>(() => small.GetAsync(Registered, _server.Url + "/big", TimeSpan.Zero, Cancel))).Problem);
        _server.Redirects["round"] = "/round";
        Assert.Equal(SourceProblem.Refused, (await Assert.ThrowsAsync<SourceException>(() => small.GetAsync(Registered, _server.Url + "/round", TimeSpan.Zero, Cancel))).Problem);
        Assert.Equal(6, _server.Asked.Count(a => a.Path == "round"));
    }

    private RepositoryFiles Open(HttpLimits? limits = null) => new(_folder, AddressGuard.Strict, TimeProvider.System, limits);

    private Task<StoredFile> GetAsync() => _files.GetAsync(Registered, _server.Url + "/index.yaml", TimeSpan.Zero, Cancel);
}
