using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Capstan.Access.Rights;
using Capstan.Access.Tokens;
using Capstan.GitHost.Pushes;
using Capstan.GitHost.Repositories;
using Capstan.Sources.Git;
using Capstan.Sources.Processes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Capstan.GitHost.Tests;

/// <summary>A Git host on a port of its own, with the real git as client.</summary>
public sealed class GitHostFixture : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly GitHostEndpoints _endpoints;

    private GitHostFixture(string folder, WebApplication app, GitHostEndpoints endpoints, RepositoryStore store, RecordingObserver observer, string token)
    {
        Folder = folder;
        _app = app;
        _endpoints = endpoints;
        Store = store;
        Observer = observer;
        Token = token;
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    public string Folder { get; }

    public RepositoryStore Store { get; }

    public RecordingObserver Observer { get; }

    public string Token { get; }

    public Uri Address { get; }

    public ProcessRunner Runner { get; } = new(TimeProvider.System);

    public static async Task<GitHostFixture> StartAsync(GitHostOptions? options = null, bool anonymous = false, string? folder = null, ILogger<GitHostEndpoints>? log = null, X509Certificate2? certificate = null)
    {
        folder ??= Directory.CreateTempSubdirectory("capstan-githost-").FullName;
        var token = AdministratorToken.LoadOrCreate(folder);
        var git = new GitProgram(new ProcessRunner(TimeProvider.System));
        var observer = new RecordingObserver();
        var events = new PushEvents([observer], NullLogger<PushEvents>.Instance);
        var store = new RepositoryStore(Path.Combine(folder, "git"), git, events, TimeProvider.System);
        await store.StartAsync(CancellationToken.None);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (certificate is not null)
            {
                listen.UseHttps(certificate);
            }
        }));
        builder.WebHost.UseKestrelHttpsConfiguration();
        var app = builder.Build();
        var endpoints = new GitHostEndpoints(new GitHostParts(store, git, options ?? new GitHostOptions { CreateOnPush = true }),
            new Authenticator(token), new AccessRules(anonymous), events, log ?? NullLogger<GitHostEndpoints>.Instance);
        endpoints.Map(app);
        await app.StartAsync();
        var fixture = new GitHostFixture(folder, app, endpoints, store, observer, token.Value.Reveal());
        store.ServeAt([fixture.Address]);
        return fixture;
    }

    public string Url(string name) => new Uri(Address, $"/git/{name}.git").ToString();

    public string UrlWithToken(string name) => Url(name).Replace("://", $"://admin:{Token}@", StringComparison.Ordinal);

    public string NewFolder(string name) => Directory.CreateDirectory(Path.Combine(Folder, "work", name)).FullName;

    /// <summary>Runs the client; fails the test when it fails.</summary>
    public async Task<string> GitAsync(string folder, params string[] arguments)
    {
        var result = await TryGitAsync(folder, arguments);
        Assert.True(result.ExitCode == 0, $"git {string.Join(' ', arguments)} ended with {result.ExitCode}: {result.Errors}");
        return System.Text.Encoding.UTF8.GetString(result.Output.Span);
    }

    public Task<ProgramResult> TryGitAsync(string folder, params string[] arguments) => Runner.RunAsync(
        new ProgramCall("git", arguments)
        {
            WorkingFolder = folder,
            TimeLimit = TimeSpan.FromMinutes(2),
            Environment = new Dictionary<string, string>
            {
                ["HOME"] = Folder,
                ["GIT_CONFIG_NOSYSTEM"] = "1",
                ["GIT_TERMINAL_PROMPT"] = "0",
                ["GIT_AUTHOR_NAME"] = "Ada",
                ["GIT_AUTHOR_EMAIL"] = "ada@example.com",
                ["GIT_COMMITTER_NAME"] = "Ada",
                ["GIT_COMMITTER_EMAIL"] = "ada@example.com",
                ["LC_ALL"] = "C",
            },
        },
        CancellationToken.None);

    /// <summary>A working copy with one commit of one file on main.</summary>
    public async Task<string> NewWorkAsync(string name, string file = "readme.txt", string text = "hello\n")
    {
        var work = NewFolder(name);
        await GitAsync(work, "init", "-q", "-b", "main");
        await CommitAsync(work, file, text);
        return work;
    }

    public async Task<string> CommitAsync(string work, string file, string text)
    {
        var path = Path.Combine(work, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, text);
        await GitAsync(work, "add", "-A");
        await GitAsync(work, "commit", "-q", "-m", "Change " + file);
        return (await GitAsync(work, "rev-parse", "HEAD")).Trim();
    }

    public async Task FsckAsync(string name)
    {
        var path = Store.PathTo(RepositoryName.Parse(name));
        var result = await TryGitAsync(path, "fsck", "--full", "--strict");
        Assert.True(result.ExitCode == 0, result.Errors);
        Assert.DoesNotContain("error", result.Errors, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(path, "*.lock", SearchOption.AllDirectories));
        Assert.Empty(Directory.EnumerateDirectories(Path.Combine(path, "objects"), "tmp_*"));
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _endpoints.Dispose();
        Store.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}

/// <summary>Remembers the pushes it is told of.</summary>
public sealed class RecordingObserver : IPushObserver
{
    public ConcurrentQueue<PushEvent> Events { get; } = new();

    public ValueTask OnPushAsync(PushEvent push, CancellationToken cancellation)
    {
        Events.Enqueue(push);
        return ValueTask.CompletedTask;
    }
}
