using System.Diagnostics;
using System.Globalization;
using Capstan.Faults.Tests.Checking;
using Capstan.Faults.Tests.Load;
using Capstan.Faults.Tests.Server;

namespace Capstan.Faults.Tests;

/// <summary>How a campaign runs.</summary>
/// <param name="Seed">Where the instants, the writes that kill and the client's choices come from.</param>
/// <param name="Say">Where its story goes.</param>
internal sealed record CampaignOptions(int Seed, Action<string> Say)
{
    public string SeededBug { get; init; } = "";

    /// <summary>How long live may take to become desired, on a machine that has other things to do.</summary>
    public TimeSpan Converged { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The shortest load before a random kill, in milliseconds.</summary>
    public int ShortestLoad { get; init; } = 100;

    public string Program { get; init; } = ServerProgram.Find();
}

/// <summary>One server, one client, many deaths. Each step returns what it found broken; nothing found is the goal.</summary>
internal sealed class Campaign : IAsyncDisposable
{
    // The promise on a machine that is not busy; a busy one is measured by its own undisturbed start.
    private static readonly TimeSpan ReadyPromise = TimeSpan.FromSeconds(10);
    private readonly CampaignOptions _options;
    private readonly Random _random;
    private readonly string _folder = Directory.CreateTempSubdirectory("capstan-faults-").FullName;
    private readonly DoomedServer _server;
    private readonly List<double> _converged = [];
    private LoadSettings _settings = null!;
    private ClientProcess _client = null!;
    private Api _api = null!;
    private LiveChecks _live = null!;
    private TimeSpan _ready;
    private int _kills;
    private int _missed;

    private Campaign(CampaignOptions options)
    {
        _options = options;
        _random = new Random(options.Seed);
        _server = new DoomedServer(options.Program, Path.Combine(_folder, "data"), options.SeededBug);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public List<Violation> Found { get; } = [];

    /// <summary>How many deaths came as the campaign wanted them.</summary>
    public int Hits => _kills - _missed;

    /// <summary>The first start, the Applications, the poison, and the first convergence.</summary>
    public static async Task<Campaign> StartAsync(CampaignOptions options)
    {
        var campaign = new Campaign(options);
        try
        {
            await campaign.BeginAsync();
            return campaign;
        }
        catch
        {
            await campaign.DisposeAsync();
            throw;
        }
    }

    /// <summary>Kills at a random instant under load, restarts and checks.</summary>
    public async Task KillAtRandomAsync()
    {
        var instant = TimeSpan.FromMilliseconds(_random.Next(_options.ShortestLoad, _options.ShortestLoad + 2500));
        await _client.SayAsync("go");
        await Task.Delay(instant, Cancellation);
        await _server.KillAsync();
        await RecoverAsync(string.Create(CultureInfo.InvariantCulture, $"kill {++_kills} after {instant.TotalMilliseconds:0} ms of load"));
    }

    /// <summary>Kills at the Nth write of a thread, in the start, under load, or one of its gits.</summary>
    public async Task KillAtWriteAsync()
    {
        var write = _random.Next(1, 40);
        await _server.KillAsync();
        var started = await _server.StartAsync(write);
        var how = "while it started";
        if (started is not null)
        {
            await _client.SayAsync("go");
            var reached = await _server.DiesWithinAsync(TimeSpan.FromSeconds(5));
            how = reached ? "under load" : "by hand, for no thread of the server wrote that often";
            if (!reached) _missed++;
        }
        await _server.KillAsync();
        await RecoverAsync(string.Create(CultureInfo.InvariantCulture, $"kill {++_kills} at write {write}: {how}"));
    }

    /// <summary>
    /// Kills at the Nth write of the server in one life: its start, one push of each Application, and all until they are synced. Asked with
    /// N = 1, 2, 3 … it reaches every write of that life.
    /// </summary>
    /// <returns>False when that life had fewer writes.</returns>
    public async Task<bool> KillAtEveryWriteAsync(int write, string counter)
    {
        await _server.KillAsync();
        var started = await _server.StartAsync(write, counter);
        var how = "while it started";
        if (started is not null)
        {
            await _client.SayAsync("once");
            var converged = _live.ConvergeAsync("in one life", Cancellation);
            how = "while it worked";
            if (!await _server.DiesWithinAsync(await LifeAsync(converged)))
            {
                await _server.KillAsync();
                return false;
            }
            await converged.ContinueWith(_ => { }, Cancellation, TaskContinuationOptions.None, TaskScheduler.Default);
        }
        await _server.KillAsync();
        await RecoverAsync(string.Create(CultureInfo.InvariantCulture, $"kill {++_kills} at write {write} of one push, render and sync: {how}"));
        return true;
    }

    /// <summary>Ends the server at a named place of a sync, restarts and checks.</summary>
    /// <param name="point">The failpoint, with the time at which it is reached: <c>after-apply:2</c>.</param>
    public async Task KillAtPointAsync(string point)
    {
        await _server.KillAsync();
        _server.Failpoint = point;
        var started = await _server.StartAsync();
        _server.Failpoint = "";
        var how = "while it started";
        if (started is not null)
        {
            // The second push removes what the first one added.
            var reached = false;
            for (var push = 1; push <= 2 && !reached; push++)
            {
                await _client.SayAsync("once");
                var converged = _live.ConvergeAsync("at a failpoint", Cancellation);
                reached = await _server.DiesWithinAsync(await LifeAsync(converged));
                await converged.ContinueWith(_ => { }, Cancellation, TaskContinuationOptions.None, TaskScheduler.Default);
            }
            how = reached ? "while it worked" : "by hand, for it was not reached";
            if (!reached) _missed++;
        }
        await _server.KillAsync();
        await RecoverAsync(string.Create(CultureInfo.InvariantCulture, $"kill {++_kills} at {point}: {how}"));
    }

    // A life ends a moment after everything is synced: what is written behind that belongs to it.
    private async Task<TimeSpan> LifeAsync(Task converged)
    {
        while (!_server.IsDead && !converged.IsCompleted) await Task.Delay(20, Cancellation);
        return _server.IsDead ? TimeSpan.FromSeconds(5) : TimeSpan.FromSeconds(1.5);
    }

    /// <summary>What drift does without any crash.</summary>
    public async Task HealAsync() => Found.AddRange(await _live.HealAsync(Cancellation));

    public void Summarize()
    {
        _converged.Sort();
        var worst = _converged.Count > 0 ? _converged[^1] : 0;
        var median = _converged.Count > 0 ? _converged[_converged.Count / 2] : 0;
        var entries = Journal.Read(_settings.Journal);
        _options.Say(string.Create(CultureInfo.InvariantCulture,
            $"seed {_options.Seed}: {_kills} kills, {Hits} of them as planned, {entries.Count(e => e.Acknowledged)} of {entries.Count(e => !e.Acknowledged)} writes acknowledged; restart to converged: median {median:0.0} s, worst {worst:0.0} s; {Found.Count} violations"));
        if (Found.Count > 0) _options.Say("the server's last words:\n" + string.Join('\n', _server.Log.Split('\n').TakeLast(40)));
    }

    public async ValueTask DisposeAsync()
    {
        if (_client is not null) await _client.DisposeAsync();
        await _server.DisposeAsync();
        _api?.Dispose();
        if (Found.Count == 0 || _options.SeededBug.Length > 0) Directory.Delete(_folder, recursive: true);
        else _options.Say($"kept for a look: {_folder}");
    }

    private async Task BeginAsync()
    {
        _ready = await _server.StartAsync() ?? throw new InvalidOperationException("the server did not start:\n" + _server.Log);
        _settings = new LoadSettings(_folder, _server.Url, _options.Seed);
        _api = new Api(_settings.Data, _settings.Url);
        _live = new LiveChecks(_settings, _api, _options.Converged);
        _client = new ClientProcess(_settings);
        await Poison.StoreAsync(_api, Cancellation);
        await _client.SayAsync("begin");
        for (var i = 0; i < LoadSettings.Applications; i++) await CreateApplicationAsync(i);
        Found.AddRange((await _live.ConvergeAsync("before the first kill", Cancellation)).Found);
        Found.AddRange(await _live.StableAsync(Cancellation));
    }

    private Task CreateApplicationAsync(int application)
    {
        var name = LoadSettings.NameOf(application);
        return _api.ApplyAsync($"/apis/argoproj.io/v1alpha1/namespaces/capstan/applications/{name}", $$"""
            apiVersion: argoproj.io/v1alpha1
            kind: Application
            metadata: {name: {{name}}, namespace: capstan}
            spec:
              project: default
              source: {repoURL: "{{_settings.Url}}/git/{{name}}.git", path: deploy, targetRevision: main}
              destination: {server: "https://kubernetes.default.svc", namespace: {{LoadSettings.NamespaceOf(application)}}}
              syncPolicy: {automated: {prune: true, selfHeal: true}, syncOptions: [CreateNamespace=true]}
            """, Cancellation);
    }

    // What a start with nothing to recover takes at this very moment; the machine may be busier than at the beginning.
    private async Task<TimeSpan> AllowedNowAsync(TimeSpan allowed)
    {
        var data = Path.Combine(_folder, $"control-{_kills}");
        await using var control = new DoomedServer(_options.Program, data);
        var fresh = await control.StartAsync() ?? TimeSpan.Zero;
        await control.KillAsync();
        Directory.Delete(data, recursive: true);
        return fresh * 4 > allowed ? fresh * 4 : allowed;
    }

    // 1. The disk as it was left. 2. The restart. 3. What was acknowledged. 4. What no commit removed. 5. Convergence. 6. Drift. 7. Quiet.
    private async Task RecoverAsync(string what)
    {
        await _client.SayAsync("pause");
        var found = new List<Violation>();
        found.AddRange(await DiskChecks.RunAsync(_settings, Journal.Read(_settings.Journal)));
        var since = Stopwatch.StartNew();
        if (await _server.StartAsync() is not { } ready)
        {
            Found.Add(new Violation(Violation.Restarts, $"{what}: it does not start any more:\n{_server.Log}"));
            return;
        }
        var allowed = ReadyPromise > _ready * 4 ? ReadyPromise : _ready * 4;
        if (ready > allowed)
        {
            // What chokes it chokes it every time; a moment in which the machine had no time for it passes.
            await _server.KillAsync();
            ready = await _server.StartAsync() ?? ready;
            allowed = await AllowedNowAsync(allowed);
        }
        if (ready > allowed) found.Add(new Violation(Violation.Restarts, $"ready after {ready.TotalSeconds:0.0} s, with {allowed.TotalSeconds:0.0} s allowed"));
        await _api.ReadyAsync(Cancellation);
        found.AddRange(await JournalChecks.ObjectsAsync(_api, Journal.Read(_settings.Journal), Cancellation));
        found.AddRange(await _live.StableAsync(Cancellation));
        await _client.SayAsync("mend");
        found.AddRange((await _live.ConvergeAsync("after the restart", Cancellation)).Found);
        var converged = since.Elapsed;
        _converged.Add(converged.TotalSeconds);
        if (found.Count == 0) found.AddRange(await _live.HealAsync(Cancellation));
        if (found.Count == 0) found.AddRange(await _live.QuietAsync(Cancellation));
        found.AddRange(await _live.StableAsync(Cancellation));
        found.AddRange(await Poison.StillThereAsync(_api, Cancellation));
        _options.Say(string.Create(CultureInfo.InvariantCulture, $"{what}: ready after {ready.TotalSeconds:0.0} s, converged after {converged.TotalSeconds:0.0} s, {found.Count} violations"));
        foreach (var violation in found) _options.Say($"  {violation}");
        Found.AddRange(found.Select(v => v with { Evidence = $"seed {_options.Seed}, {what}: {v.Evidence}" }));
    }
}
