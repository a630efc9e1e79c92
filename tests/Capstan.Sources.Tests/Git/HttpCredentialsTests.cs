using System.Net;
using System.Net.Sockets;
using System.Text;
using Capstan.Sources.Git;
using Capstan.Sources.Git.Urls;

namespace Capstan.Sources.Tests.Git;

public sealed class HttpCredentialsTests : IDisposable
{
    private const string Password = "s3cret-t0ken-value";
    private readonly GitFixture _git = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _git.Dispose();

    /// <summary>Answers one request with a fixed text and returns what was asked.</summary>
    private static async Task<string> AnswerOnceAsync(TcpListener listener, string answer)
    {
        using var one = await listener.AcceptTcpClientAsync(Cancellation);
        var stream = one.GetStream();
        var asked = new byte[8192];
        var length = await stream.ReadAtLeastAsync(asked, 10, cancellationToken: Cancellation);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(answer), Cancellation);
        return Encoding.ASCII.GetString(asked, 0, length);
    }

    private static TcpListener Listen()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener;
    }

    private static int PortOf(TcpListener listener) => ((IPEndPoint)listener.LocalEndpoint).Port;

    private static GitRemote Remote(int port) => new(RepositoryUrl.Parse($"http://127.0.0.1:{port}/team/shop.git"))
    {
        Registered = true,
        Credentials = RepositoryCredentials.Basic("ada", Password),
    };

    [Fact]
    public async Task Wrong_credentials_are_told_without_being_shown()
    {
        using var server = Listen();
        var asked = AnswerOnceAsync(server, "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        var failure = await Assert.ThrowsAsync<SourceException>(() => _git.Mirrors.ResolveAsync(Remote(PortOf(server)), "main", TimeSpan.Zero, Cancellation));
        Assert.Equal(SourceProblem.AuthenticationFailed, failure.Problem);
        Assert.DoesNotContain(Password, failure.ToString(), StringComparison.Ordinal);
        Assert.Contains("Authorization: Basic " + Convert.ToBase64String(Encoding.ASCII.GetBytes("ada:" + Password)), await asked, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_redirect_to_another_host_is_refused_and_gets_no_credential()
    {
        using var elsewhere = Listen();
        using var server = Listen();
        var asked = AnswerOnceAsync(server, $"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{PortOf(elsewhere)}/stolen/info/refs\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        var failure = await Assert.ThrowsAsync<SourceException>(() => _git.Mirrors.ResolveAsync(Remote(PortOf(server)), "main", TimeSpan.Zero, Cancellation));
        await asked;
        Assert.Equal(SourceProblem.Refused, failure.Problem);
        Assert.False(elsewhere.Pending());
    }

    [Fact]
    public async Task A_server_error_is_transient()
    {
        using var server = Listen();
        var asked = AnswerOnceAsync(server, "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        var failure = await Assert.ThrowsAsync<SourceException>(() => _git.Mirrors.ResolveAsync(Remote(PortOf(server)), "main", TimeSpan.Zero, Cancellation));
        await asked;
        Assert.True(failure.IsTransient);
    }

    [Fact]
    public void Secrets_as_argo_cd_labels_them_are_read_and_what_is_not_served_is_named()
    {
        var basic = RepositoryCredentials.FromSecretData(new Dictionary<string, string> { ["username"] = "ada", ["password"] = Password }, null);
        Assert.Equal("***", basic.ToString());
        Assert.DoesNotContain(Password, basic.Redact($"x {Password} {basic.AuthorizationHeader()}"), StringComparison.Ordinal);
        var failure = Assert.Throws<SourceException>(() => RepositoryCredentials.FromSecretData(new Dictionary<string, string> { ["githubAppID"] = "12345678" }, null));
        Assert.Contains("githubAppID", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("12345678", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ssh_without_a_key_or_a_known_host_is_refused_before_anything_is_sent()
    {
        var url = RepositoryUrl.Parse("git@host.example:team/shop.git");
        foreach (var credentials in (RepositoryCredentials[])[RepositoryCredentials.None, RepositoryCredentials.Ssh("key", null)])
        {
            var failure = await Assert.ThrowsAsync<SourceException>(() =>
                _git.Mirrors.ResolveAsync(new GitRemote(url) { Registered = true, Credentials = credentials }, "main", TimeSpan.Zero, Cancellation));
            Assert.Equal(SourceProblem.AuthenticationFailed, failure.Problem);
        }
    }
}
