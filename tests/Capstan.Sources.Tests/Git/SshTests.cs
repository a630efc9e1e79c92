using System.Text;
using Capstan.Sources.Git;
using Capstan.Sources.Git.Urls;
using Capstan.Sources.Git.Writing;
using Capstan.Testing;
using Capstan.Trees;

namespace Capstan.Sources.Tests.Git;

/// <summary>Repositories over ssh, at a real sshd.</summary>
public sealed class SshTests : IAsyncLifetime
{
    private readonly GitFixture _git = new();
    private SshServer _server = null!;
    private string _commit = "";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await SshServer.StartAsync(Path.Combine(_git.Folder, "sshd"));
        _commit = await _git.CommitAsync(await _git.NewAsync("shop"), "a.yaml", "a: 1\n");
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _git.Dispose();
    }

    private GitRemote Remote(RepositoryCredentials credentials, string name = "shop") =>
        new(RepositoryUrl.Parse(_server.Url(_git.Bare(name)))) { Registered = true, Credentials = credentials };

    private Task<SourceException> FailsAsync(RepositoryCredentials credentials, string name = "shop") =>
        Assert.ThrowsAsync<SourceException>(() => _git.Mirrors.ResolveAsync(Remote(credentials, name), "main", TimeSpan.Zero, Cancellation));

    [Fact]
    public async Task With_the_key_and_the_known_host_it_is_read_and_written_to()
    {
        var remote = Remote(RepositoryCredentials.Ssh(_server.ClientKey, _server.KnownHosts));
        Assert.Equal(_commit, (await _git.Mirrors.ResolveAsync(remote, "main", TimeSpan.Zero, Cancellation)).Commit);
        Assert.NotNull((await _git.Mirrors.OpenTreeAsync(remote, _commit, Cancellation)).Find(TreePath.Parse("a.yaml")));

        var written = await new CommitWriter(_git.Mirrors, TimeProvider.System).WriteAsync(remote, "main", new CommitDraft(new CommitAuthor("Capstan", "c@x"), "Add"),
            _ => [TreeChange.Put(TreePath.Parse("b.yaml"), Encoding.UTF8.GetBytes("b: 1\n"))], Cancellation);
        Assert.Equal(written.Commit, await _git.RunAsync(_git.Bare("shop"), "rev-parse", "main"));

        // The key was on the disk for the calls alone.
        Assert.DoesNotContain(Directory.EnumerateFiles(Path.Combine(_git.Folder, "mirrors"), "*", SearchOption.AllDirectories),
            file => File.ReadAllText(file).Contains("PRIVATE KEY", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_host_with_another_key_than_the_known_one_is_not_believed()
    {
        var failure = await FailsAsync(RepositoryCredentials.Ssh(_server.ClientKey, _server.WrongKnownHosts));
        Assert.Equal(SourceProblem.AuthenticationFailed, failure.Problem);
        Assert.Contains("the host key is not the known one", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_is_not_among_the_known_ones_is_not_believed()
    {
        var failure = await FailsAsync(RepositoryCredentials.Ssh(_server.ClientKey, "elsewhere.example ssh-ed25519 AAAA\n"));
        Assert.Equal(SourceProblem.AuthenticationFailed, failure.Problem);
        Assert.Contains("known_hosts", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_the_operator_says_so_any_host_key_is_taken() =>
        Assert.Equal(_commit, (await _git.Mirrors.ResolveAsync(Remote(RepositoryCredentials.Ssh(_server.ClientKey, null, insecure: true)), "main", TimeSpan.Zero, Cancellation)).Commit);

    [Fact]
    public async Task A_key_that_may_not_enter_is_told_without_being_shown()
    {
        var failure = await FailsAsync(RepositoryCredentials.Ssh(_server.OtherKey, _server.KnownHosts));
        Assert.Equal(SourceProblem.AuthenticationFailed, failure.Problem);
        Assert.False(failure.IsTransient);
        Assert.Contains("the server refuses the credentials", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("PRIVATE KEY", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_is_none_is_told()
    {
        var failure = await FailsAsync(RepositoryCredentials.Ssh("not a key", _server.KnownHosts));
        Assert.Equal(SourceProblem.AuthenticationFailed, failure.Problem);
    }

    [Fact]
    public async Task A_repository_that_is_not_there_is_told()
    {
        var failure = await FailsAsync(RepositoryCredentials.Ssh(_server.ClientKey, _server.KnownHosts), "none");
        Assert.Equal(SourceProblem.RepositoryNotFound, failure.Problem);
    }

    [Fact]
    public async Task A_server_that_is_gone_may_come_back()
    {
        await _server.DisposeAsync();
        var failure = await FailsAsync(RepositoryCredentials.Ssh(_server.ClientKey, _server.KnownHosts));
        Assert.Equal(SourceProblem.Unreachable, failure.Problem);
        Assert.True(failure.IsTransient);
    }
}
