using System.Collections.Concurrent;
using Capstan.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Capstan.Reconcile.Tests;

public sealed class ReconcileLoopTests
{
    private readonly FakeClock _clock = new();

    [Fact]
    public async Task A_key_that_throws_backs_off_alone_and_never_ends_the_loop()
    {
        var runs = new ConcurrentDictionary<string, int>();
        using var loop = Loop(key =>
        {
            runs.AddOrUpdate(key, 1, (_, n) => n + 1);
            return key == "poison" ? throw new InvalidOperationException("always") : new Outcome.Succeeded();
        });
        await using var run = new Run(loop);
        loop.Enqueue("poison");
        loop.Enqueue("good");
        await Run.UntilAsync(() => runs.GetValueOrDefault("good") == 1 && loop.Queue.Delayed == 1);
        Assert.Equal(1, loop.Failures("poison"));
        foreach (var expected in new[] { 2, 3, 4 })
        {
            _clock.Advance(TimeSpan.FromMinutes(6));
            await Run.UntilAsync(() => runs["poison"] == expected && loop.Queue.Delayed == 1);
        }

        loop.Enqueue("good");
        await Run.UntilAsync(() => runs["good"] == 2);
    }

    [Fact]
    public async Task Success_resets_the_back_off()
    {
        var fails = true;
        using var loop = Loop(_ => fails ? new Outcome.Failed("No", "no") : new Outcome.Succeeded());
        await using var run = new Run(loop);
        loop.Enqueue("a");
        await Run.UntilAsync(() => loop.Failures("a") == 1 && loop.Queue.Delayed == 1);
        fails = false;
        _clock.Advance(TimeSpan.FromSeconds(2));
        await Run.UntilAsync(() => loop.Failures("a") == 0 && loop.Queue is { Delayed: 0, Running: 0, Ready: 0 });
    }

    [Fact]
    public async Task A_reconciliation_that_takes_too_long_is_cancelled_and_fails()
    {
        var surfaces = new ConcurrentQueue<Surface>();
        using var loop = new ReconcileLoop<string>(
            new ReconcileOptions("test") { Timeout = TimeSpan.FromMinutes(1) },
            async (_, cancellation) =>
            {
                await Task.Delay(Timeout.Infinite, cancellation);
                return new Outcome.Succeeded();
            },
            _clock,
            NullLogger.Instance,
            (_, surface, _) =>
            {
                surfaces.Enqueue(surface);
                return Task.CompletedTask;
            });
        await using var run = new Run(loop);
        loop.Enqueue("slow");
        await Run.UntilAsync(() => loop.Queue.Running == 1 && _clock.Timers > 0);
        _clock.Advance(TimeSpan.FromMinutes(2));
        await Run.UntilAsync(() => !surfaces.IsEmpty);
        Assert.Equal("TimedOut", surfaces.First().Reason);
    }

    [Theory]
    [InlineData("succeeded", "True", false, null, null)]
    [InlineData("waiting", "Unknown", false, null, 7)]
    [InlineData("stalled", "False", true, "Warning", null)]
    [InlineData("failed", "False", false, "Warning", 30)]
    public void One_table_says_what_an_outcome_means(string outcome, string ready, bool stalled, string? @event, int? requeue)
    {
        var surface = Surfacing.Of(
            outcome switch
            {
                "succeeded" => new Outcome.Succeeded(),
                "waiting" => new Outcome.Waiting("Soak", "soaking", TimeSpan.FromSeconds(7)),
                "stalled" => new Outcome.Stalled("NoPath", "There is no path \"x\".", "Correct spec.source.path"),
                _ => new Outcome.Failed("Busy", "busy", TimeSpan.FromSeconds(30)),
            },
            failures: 1,
            delay: TimeSpan.FromSeconds(2));
        Assert.Equal(
            (ready, stalled, @event, requeue is { } seconds ? TimeSpan.FromSeconds(seconds) : (TimeSpan?)null),
            (surface.Ready, surface.Stalled, surface.EventType, surface.Requeue));
        if (stalled)
        {
            Assert.Equal("There is no path \"x\". Correct spec.source.path", surface.Message);
        }
    }

    [Fact]
    public void A_back_off_grows_to_its_limit_and_never_overflows()
    {
        var backoff = new Backoff(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(300), Factor: 3, Jitter: 0.5);
        Assert.Equal([2, 6, 18, 54, 162, 300, 300], Enumerable.Range(1, 7).Select(n => backoff.After(n, random: 0).TotalSeconds));
        Assert.Equal(150, backoff.After(int.MaxValue, random: 1).TotalSeconds);
    }

    private ReconcileLoop<string> Loop(Func<string, Outcome> reconcile) =>
        new(new ReconcileOptions("test") { Workers = 2 }, (key, _) => Task.FromResult(reconcile(key)), _clock, NullLogger.Instance);

    private sealed class Run : IAsyncDisposable
    {
        private readonly CancellationTokenSource _end = new();
        private readonly Task _work;

        public Run(ReconcileLoop<string> loop) => _work = loop.RunAsync(_end.Token);

        public static async Task UntilAsync(Func<bool> reached)
        {
            for (var i = 0; i < 2000 && !reached(); i++)
            {
                await Task.Delay(5, TestContext.Current.CancellationToken);
            }

            Assert.True(reached(), "not reached within 10 s");
        }

        public async ValueTask DisposeAsync()
        {
            await _end.CancelAsync();
            await _work;
            _end.Dispose();
        }
    }
}
