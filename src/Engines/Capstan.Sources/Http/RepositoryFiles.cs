using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using Capstan.Sources.Ssrf;

namespace Capstan.Sources.Http;

/// <summary>
/// Files of repositories behind HTTP: fetched once, kept by their content, asked for again only by condition. When the server cannot be
/// reached, what is here is used. Safe for several threads and processes.
/// </summary>
public sealed class RepositoryFiles : IDisposable
{
    private const int MostRedirects = 5;
    private const int MostAnswers = 4096;

    private readonly ContentStore _store;
    private readonly TimeProvider _time;
    private readonly HttpLimits _limits;
    private readonly HttpClient[] _clients;
    private readonly TrustedClients<HttpClient> _trusting;
    private readonly KeyedGate _gate = new();
    private readonly ConcurrentDictionary<string, (long At, StoredFile File)> _asked = new(StringComparer.Ordinal);

    /// <summary>Opens the store.</summary>
    /// <param name="folder">Where files are kept (<c>DATA/cache/charts</c>).</param>
    /// <param name="guard">Judges the addresses of repositories that no operator registered.</param>
    /// <param name="time">The clock.</param>
    /// <param name="limits">Limits; the defaults when null.</param>
    public RepositoryFiles(string folder, AddressGuard guard, TimeProvider time, HttpLimits? limits = null)
    {
        (_time, _limits) = (time, limits ?? new HttpLimits());
        _store = new ContentStore(Path.GetFullPath(folder), _limits.StoreBytes);
        _clients = [Client(guard.CreateHandler()), Client(guard.CreateHandler(), AnyCertificate()), Client(Open()), Client(Open(), AnyCertificate())];
        _trusting = new((options, registered) => Client(registered ? Open() : guard.CreateHandler(), options));
    }

    /// <summary>A file whose content changes, such as an index.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="url">The file's address.</param>
    /// <param name="maxAge">How old the answer may be; zero asks the server.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="SourceException">It is neither there nor here.</exception>
    public Task<StoredFile> GetAsync(HttpRepository repository, string url, TimeSpan maxAge, CancellationToken cancellation) =>
        _gate.EnterAsync(Key(repository, url), () => CurrentAsync(repository, url, maxAge, cancellation), cancellation);

    /// <summary>A file that never changes: when its hash is known and it is here, nothing is asked; without a hash, what was fetched once stays.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="url">The file's address.</param>
    /// <param name="sha256">The hash in hexadecimal; empty when it is not known.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="SourceException">It is neither there nor here.</exception>
    public Task<StoredFile> GetImmutableAsync(HttpRepository repository, string url, string sha256, CancellationToken cancellation) =>
        _gate.EnterAsync(Key(repository, url), () => CurrentAsync(repository, url, TimeSpan.FromMinutes(10), cancellation), cancellation, () => _store.Find(sha256));

    /// <summary>Asks the server at the next use.</summary>
    public void Forget(HttpRepository repository, string url) => _asked.TryRemove(Key(repository, url), out _);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var client in _clients)
        {
            client.Dispose();
        }

        _trusting.Dispose();
    }

    // Who has other credentials may be given other content, and must not see what was given to us.
    private static string Key(HttpRepository repository, string url) =>
        $"{(repository.Credentials.Identity is { Length: > 0 } identity ? identity.GetHashCode(StringComparison.Ordinal) : "")}{(repository.Registered ? "+" : "-")} {url}";

    private async Task<StoredFile> CurrentAsync(HttpRepository repository, string url, TimeSpan maxAge, CancellationToken cancellation)
    {
        var key = Key(repository, url);
        if (_asked.TryGetValue(key, out var recent) && _time.GetElapsedTime(recent.At) < maxAge && File.Exists(recent.File.Path))
        {
            return recent.File;
        }

        // What needs no credentials outlives the process; what does is asked for again.
        var isOpen = repository.Credentials.Identity.Length == 0;
        var note = isOpen ? _store.Note(url) : null;
        try
        {
            var fresh = await FetchAsync(repository, url, note, cancellation).ConfigureAwait(false);
            if (isOpen && fresh != note)
            {
                _store.Remember(url, fresh);
            }

            if (_asked.Count > MostAnswers)
            {
                _asked.Clear();
            }

            _asked[key] = (_time.GetTimestamp(), fresh.File);
            return fresh.File;
        }
        catch (SourceException error) when (error.IsTransient && (note?.File ?? (File.Exists(recent.File?.Path) ? recent.File : null)) is { } held)
        {
            return held;
        }
    }

    private async Task<UrlNote> FetchAsync(HttpRepository repository, string url, UrlNote? note, CancellationToken cancellation)
    {
        using var timer = new CancellationTokenSource(_limits.Time, _time);
        using var joined = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timer.Token);
        try
        {
            using var response = await SendAsync(repository, url, note, joined.Token).ConfigureAwait(false);
            if (response.StatusCode == HttpStatusCode.NotModified && note is not null)
            {
                return note;
            }

            if (!response.IsSuccessStatusCode)
            {
                throw Failure(url, response.StatusCode);
            }

            await using var content = await response.Content.ReadAsStreamAsync(joined.Token).ConfigureAwait(false);
            var file = await _store.AddAsync(content, _limits.FileBytes, Shown(url), joined.Token).ConfigureAwait(false);
            return new UrlNote(file, response.Headers.ETag?.ToString() ?? "", response.Content.Headers.LastModified?.ToString("R") ?? "");
        }
        catch (OperationCanceledException error) when (timer.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new SourceException(SourceProblem.TimedOut, $"{Shown(url)}: no whole answer within {_limits.Time.TotalSeconds:0} s", error);
        }
        catch (HttpRequestException error)
        {
            throw error.InnerException as SourceException
                ?? new SourceException(SourceProblem.Unreachable, $"{Shown(url)}: {error.HttpRequestError}: {error.InnerException?.Message ?? error.Message}", error);
        }
    }

    // Redirects are followed here, so that credentials stay where they belong and nothing falls back from https to http.
    private async Task<HttpResponseMessage> SendAsync(HttpRepository repository, string url, UrlNote? note, CancellationToken cancellation)
    {
        var at = Address(url);
        var home = Address(repository.Url);
        for (var redirects = 0; ; redirects++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, at);
            if (repository.Credentials.AuthorizationHeader() is { } header && (repository.PassCredentials || IsSamePlace(at, home)))
            {
                request.Headers.TryAddWithoutValidation("Authorization", header["Authorization: ".Length..]);
            }

            if (note is { Tag.Length: > 0 })
            {
                request.Headers.TryAddWithoutValidation("If-None-Match", note.Tag);
            }
            else if (note is { Modified.Length: > 0 })
            {
                request.Headers.TryAddWithoutValidation("If-Modified-Since", note.Modified);
            }

            // What the operator registered is trusted for its own host alone: an index may name any other.
            var isHome = IsSamePlace(at, home);
            var client = isHome && repository.Credentials is { Trust: { } trust, Insecure: false }
                ? _trusting.Of(trust, repository.Registered)
                : _clients[(repository.Registered && isHome ? 2 : 0) + (repository.Credentials.Insecure && isHome ? 1 : 0)];
            var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
            if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308) || response.Headers.Location is not { } target)
            {
                return response;
            }

            response.Dispose();
            var next = Address(new Uri(at, target).AbsoluteUri);
            if (redirects == MostRedirects || (at.Scheme == "https" && next.Scheme == "http"))
            {
                throw new SourceException(SourceProblem.Refused, redirects == MostRedirects
                    ? $"{Shown(url)}: more than {MostRedirects} redirects" : $"{Shown(url)}: it redirects from https to http");
            }

            at = next;
        }
    }

    private static Uri Address(string url) => Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" && address.UserInfo.Length == 0
        ? address
        : throw new SourceException(SourceProblem.Invalid, $"{Shown(url)}: an address that begins with https:// or http:// is wanted, without a user in it");

    private static bool IsSamePlace(Uri one, Uri other) => one.Scheme == other.Scheme && one.Port == other.Port && one.Host.Equals(other.Host, StringComparison.OrdinalIgnoreCase);

    private static SourceException Failure(string url, HttpStatusCode status) => (int)status switch
    {
        401 or 403 => new(SourceProblem.AuthenticationFailed, $"{Shown(url)}: the server answered {(int)status}; its credentials belong into a Secret with the label argocd.argoproj.io/secret-type: repository"),
        404 or 410 => new(SourceProblem.RepositoryNotFound, $"{Shown(url)}: the server answered {(int)status}: there is no such file"),
        408 or 429 or >= 500 => new(SourceProblem.Unreachable, $"{Shown(url)}: the server answered {(int)status}; it is tried again"),
        var other => new(SourceProblem.Failed, $"{Shown(url)}: the server answered {other}"),
    };

    // Queries may carry tokens, and addresses written by hand passwords.
    private static string Shown(string url)
    {
        var bare = url.Split('?', 2)[0];
        return Uri.TryCreate(bare, UriKind.Absolute, out var address) && address.UserInfo.Length > 0
            ? new UriBuilder(address) { UserName = "", Password = "" }.Uri.AbsoluteUri
            : bare;
    }

    private static SocketsHttpHandler Open() => new() { UseProxy = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5), ConnectTimeout = TimeSpan.FromSeconds(15) };

    // Only for a repository whose operator wrote "insecure" into its Secret: any certificate is taken, none is not.
    private static SslClientAuthenticationOptions AnyCertificate() => new()
    {
        RemoteCertificateValidationCallback = static (_, _, _, errors) => !errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable),
    };

    private static HttpClient Client(SocketsHttpHandler handler, SslClientAuthenticationOptions? tls = null)
    {
        handler.AllowAutoRedirect = false;
        handler.AutomaticDecompression = DecompressionMethods.None;
        handler.SslOptions = tls ?? handler.SslOptions;
        var client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.UserAgent.ParseAdd("capstan");
        return client;
    }
}
