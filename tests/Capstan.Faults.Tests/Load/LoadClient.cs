namespace Capstan.Faults.Tests.Load;

/// <summary>
/// The client process. Its standard input steers it: <c>begin</c>, <c>go</c>, <c>pause</c>, <c>once</c>, <c>mend</c>; each is answered by its own word when
/// it is done, <c>go</c> at once. What fails because the server is dead is tried again after a moment.
/// </summary>
internal static class LoadClient
{
    private const int Writers = 4;

    public static async Task RunAsync(LoadSettings settings)
    {
        using var journal = new Journal(settings.Journal);
        using var api = new Api(settings.Data, settings.Url);
        Pusher[] pushers = [.. Enumerable.Range(0, LoadSettings.Applications).Select(a => new Pusher(settings, a, journal))];
        ObjectWriter[] writers = [.. Enumerable.Range(0, Writers).Select(w => new ObjectWriter(settings, w, journal, api))];
        var running = Task.CompletedTask;
        var pause = new CancellationTokenSource();
        while (await Console.In.ReadLineAsync() is { } word)
        {
            switch (word)
            {
                case "begin":
                    foreach (var pusher in pushers) await pusher.BeginAsync();
                    break;
                case "go":
                    pause = new CancellationTokenSource();
                    running = Task.WhenAll(
                    [
                        .. pushers.Select(p => LoopAsync(p.StepAsync, 150, pause.Token)),
                        .. writers.Select(w => LoopAsync(() => w.StepAsync(CancellationToken.None), 5, pause.Token)),
                        LoopAsync(new Disturber(settings, api).StepAsync, 300, pause.Token),
                    ]);
                    break;
                case "pause":
                    await pause.CancelAsync();
                    await running;
                    break;
                case "once":
                    foreach (var pusher in pushers) await pusher.OnceAsync();
                    break;
                case "mend":
                    foreach (var pusher in pushers)
                    {
                        for (var attempt = 0; attempt < 20 && !await pusher.MendAsync(); attempt++) await Task.Delay(250);
                    }
                    break;
            }
            Console.Out.WriteLine(word);
        }
    }

    private static async Task LoopAsync(Func<Task> step, int pauseInMilliseconds, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            var pause = pauseInMilliseconds;
            try
            {
                await step();
            }
            catch (Exception error) when (error is HttpRequestException or IOException or OperationCanceledException)
            {
                pause += 100;
            }
            await Task.Delay(pause, CancellationToken.None);
        }
    }
}

/// <summary>Asks for syncs and refreshes, and changes by hand what Capstan delivered.</summary>
internal sealed class Disturber(LoadSettings settings, Api api)
{
    private readonly Random _random = new(settings.Seed * 41);

    public async Task StepAsync()
    {
        var application = _random.Next(LoadSettings.Applications);
        var (name, space) = (LoadSettings.NameOf(application), LoadSettings.NamespaceOf(application));
        switch (_random.Next(4))
        {
            case 0:
                await api.PostAsync($"/api/v1/applications/{name}/sync", "{}", CancellationToken.None);
                break;
            case 1:
                await api.PostAsync($"/api/v1/applications/{name}/refresh", "", CancellationToken.None);
                break;
            case 2:
                await api.DeleteAsync($"/api/v1/namespaces/{space}/configmaps/{name}-c{_random.Next(4)}", CancellationToken.None);
                break;
            default:
                var victim = $"{name}-s{_random.Next(Pusher.Stable)}";
                await api.ApplyAsync($"/api/v1/namespaces/{space}/configmaps/{victim}",
                    $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{{victim}}}"},"data":{"value":"by hand"}}""", CancellationToken.None);
                break;
        }
    }
}
