using Capstan.Delivery.Rendering;
using Capstan.Helm.Arguments;
using Capstan.Helm.Charts;
using Capstan.Helm.Repositories;
using Capstan.OciClient;
using Capstan.Sources;
using Capstan.Sources.Git;
using Capstan.Sources.Http;
using Capstan.Sources.Registries;
using Capstan.Sources.Ssrf;

namespace Capstan.Cli.Pushing;

/// <summary>Chart repositories for one command: whoever runs it is the operator, so the repository that is named may be anywhere.</summary>
internal sealed class LocalCharts : IRepositoryFiles, IChartRegistry, IDisposable
{
    private const string NoTls = "missing registry client: can't create TLS config for client: ";

    private readonly CliContext _context;
    private readonly Lazy<RepositoryFiles> _files;
    private readonly Lazy<ArtifactFiles> _artifacts;
    private readonly HelmTemplateArguments _arguments;
    private readonly TlsTrust? _trust;
    private Dictionary<string, RegistryCredential>? _signedIn;

    public LocalCharts(CliContext context, HelmTemplateArguments arguments)
    {
        (_context, _arguments, _trust) = (context, arguments, ReadTrust(arguments));
        // Most charts lie on this disk and need neither.
        _files = new(() => new RepositoryFiles(Folder(context), AddressGuard.Strict, context.Clock));
        _artifacts = new(() => new ArtifactFiles(Folder(context), AddressGuard.Strict, context.Clock));
        Repositories = new ChartRepositories(this, this);
    }

    public ChartRepositories Repositories { get; }

    public async Task<RepositoryFile> IndexAsync(string repository, CancellationToken cancellation)
    {
        var (bare, query) = repository.Split('?', 2) is [var head, var tail] ? (head, "?" + tail) : (repository, "");
        return Open(await _files.Value.GetAsync(Find(repository), $"{bare.TrimEnd('/')}/index.yaml{query}", TimeSpan.Zero, cancellation).ConfigureAwait(false));
    }

    public async Task<RepositoryFile> FileAsync(string repository, string url, string sha256, CancellationToken cancellation) =>
        Open(await _files.Value.GetImmutableAsync(Find(repository), url, sha256, cancellation).ConfigureAwait(false));

    public Task<IReadOnlyList<string>> TagsAsync(string repository, CancellationToken cancellation) => _artifacts.Value.TagsAsync(FindArtifact(repository), TimeSpan.Zero, cancellation);

    public async Task<ChartArtifact> FetchAsync(string repository, string version, CancellationToken cancellation) =>
        ChartArtifacts.Of(await _artifacts.Value.FetchAsync(FindArtifact(repository), version, ChartArtifacts.IsWanted, TimeSpan.Zero, cancellation).ConfigureAwait(false));

    public void Dispose()
    {
        if (_files.IsValueCreated) _files.Value.Dispose();
        if (_artifacts.IsValueCreated) _artifacts.Value.Dispose();
    }

    // Credentials on the command line are those of the chart that is named there alone.
    private HttpRepository Find(string repository) => new(repository)
    {
        Registered = true,
        Credentials = Checked(
            _arguments.Password is { } password && IsNamed(repository) ? RepositoryCredentials.Basic(_arguments.UserName ?? "", password) : RepositoryCredentials.None,
            IsNamed(repository)),
        PassCredentials = _arguments.PassCredentials,
    };

    private ArtifactRepository FindArtifact(string repository)
    {
        var host = repository.Split('/')[0];
        var isNamed = _arguments.Chart.StartsWith($"{ChartReference.Scheme}{host}/", StringComparison.Ordinal) || _arguments.Repository?.StartsWith($"{ChartReference.Scheme}{host}/", StringComparison.Ordinal) == true;
        _signedIn ??= HelmRegistries.SignedIn(_context, _arguments.RegistryConfig);
        return new ArtifactRepository(repository)
        {
            Registered = true,
            PlainHttp = _arguments.PlainHttp,
            Credentials = Checked(
                _arguments.Password is { } password && isNamed ? RepositoryCredentials.Basic(_arguments.UserName ?? "", password)
                : _signedIn.TryGetValue(host, out var credential) ? RepositoryCredentials.Basic(credential.User, credential.Password)
                : RepositoryCredentials.None,
                isNamed),
        };
    }

    private bool IsNamed(string repository) => repository == _arguments.Repository || repository == _arguments.Chart;

    private RepositoryCredentials Checked(RepositoryCredentials credentials, bool isNamed)
    {
        credentials = _trust is not null && isNamed ? credentials.With(_trust) : credentials;
        return _arguments.InsecureSkipTlsVerify ? credentials.TakingAnyCertificate() : credentials;
    }

    // As Helm does it, the files are read before anything is fetched, and a certificate without its key is passed over.
    private static TlsTrust? ReadTrust(HelmTemplateArguments arguments)
    {
        var (certificate, key) = arguments is { CertFile: not null, KeyFile: not null }
            ? (ReadPem(arguments.CertFile, "unable to read cert file"), ReadPem(arguments.KeyFile, "unable to read key file"))
            : (null, null);
        var authorities = arguments.CaFile is { } file ? ReadPem(file, "can't read CA file") : null;
        try
        {
            return authorities is null && certificate is null ? null : TlsTrust.FromPem(authorities, certificate, key);
        }
        catch (SourceException error)
        {
            throw new ChartException($"{NoTls}{error.Message}", error);
        }
    }

    private static string ReadPem(string file, string problem) => File.Exists(file)
        ? File.ReadAllText(file)
        : throw new ChartException($"{NoTls}{problem}: \"{file}\": open {file}: no such file or directory");

    private static RepositoryFile Open(StoredFile file) => ChartArtifacts.Open(file);

    private static string Folder(CliContext context)
    {
        var home = context.Environment("XDG_CACHE_HOME")
            ?? (context.Environment("HOME") is { } user ? Path.Combine(user, ".cache") : throw new ChartException("no folder for charts: neither XDG_CACHE_HOME nor HOME is set"));
        return Path.Combine(home, "capstan", "charts");
    }
}
