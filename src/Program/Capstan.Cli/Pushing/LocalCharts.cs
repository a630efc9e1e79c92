using Capstan.Helm.Arguments;
using Capstan.Helm.Charts;
using Capstan.Helm.Repositories;
using Capstan.Sources.Git;
using Capstan.Sources.Http;
using Capstan.Sources.Ssrf;

namespace Capstan.Cli.Pushing;

/// <summary>Chart repositories for one command: whoever runs it is the operator, so the repository that is named may be anywhere.</summary>
internal sealed class LocalCharts : IRepositoryFiles, IDisposable
{
    private readonly RepositoryFiles _files;
    private readonly HelmTemplateArguments _arguments;

    public LocalCharts(CliContext context, HelmTemplateArguments arguments)
    {
        _arguments = arguments;
        _files = new RepositoryFiles(Folder(context), AddressGuard.Strict, context.Clock);
        Repositories = new ChartRepositories(this);
    }

    public ChartRepositories Repositories { get; }

    public async Task<RepositoryFile> IndexAsync(string repository, CancellationToken cancellation)
    {
        var (bare, query) = repository.Split('?', 2) is [var head, var tail] ? (head, "?" + tail) : (repository, "");
        return Open(await _files.GetAsync(Find(repository), $"{bare.TrimEnd('/')}/index.yaml{query}", TimeSpan.Zero, cancellation).ConfigureAwait(false));
    }

    public async Task<RepositoryFile> FileAsync(string repository, string url, string sha256, CancellationToken cancellation) =>
        Open(await _files.GetImmutableAsync(Find(repository), url, sha256, cancellation).ConfigureAwait(false));

    public void Dispose() => _files.Dispose();

    // Credentials on the command line are those of --repo alone.
    private HttpRepository Find(string repository) => new(repository)
    {
        Registered = true,
        Credentials = _arguments.Password is { } password && repository == _arguments.Repository ? RepositoryCredentials.Basic(_arguments.UserName ?? "", password) : RepositoryCredentials.None,
        PassCredentials = _arguments.PassCredentials,
    };

    private static RepositoryFile Open(StoredFile file) => new(file.Sha256, () => File.OpenRead(file.Path));

    private static string Folder(CliContext context)
    {
        var home = context.Environment("XDG_CACHE_HOME")
            ?? (context.Environment("HOME") is { } user ? Path.Combine(user, ".cache") : throw new ChartException("no folder for charts: neither XDG_CACHE_HOME nor HOME is set"));
        return Path.Combine(home, "capstan", "charts");
    }
}
