using Capstan.Testing;
using CsCheck;

namespace Capstan.Reconcile.Tests;

public sealed class WorkQueueTests
{
    private readonly FakeClock _clock = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_key_that_is_added_twice_comes_once()
    {
        using var queue = new WorkQueue<string>(_clock);
        queue.Add("a");
        queue.Add("b");
        queue.Add("a");
        Assert.Equal("a", await queue.TakeAsync(Cancel));
        Assert.Equal("b", await queue.TakeAsync(Cancel));
        Assert.Equal(0, queue.Ready);
    }

    [Fact]
    public async Task A_key_that_is_added_while_it_is_worked_on_comes_again_only_when_that_is_done()
    {
        using var queue = new WorkQueue<string>(_clock);
        queue.Add("a");
        await queue.TakeAsync(Cancel);
        queue.Add("a");
        var next = queue.TakeAsync(Cancel);
        Assert.False(next.IsCompleted);
        queue.Done("a");
        Assert.Equal("a", await next);
    }

    [Fact]
    public async Task A_share_with_many_keys_keeps_no_other_share_waiting()
    {
        using var queue = new WorkQueue<string>(_clock, share: static key => key[..1]);
        Assert.Equal(["a1", "b1", "a2", "b2", "a3", "a4"], await AllAsync(queue, "a1", "a2", "a3", "a4", "b1", "b2"));
    }

    [Fact]
    public async Task What_somebody_waits_for_comes_first_also_when_it_waits_already()
    {
        using var queue = new WorkQueue<string>(_clock, share: static key => key[..1]);
        queue.Add("a1");
        queue.Add("a2");
        queue.Add("b1");
        queue.Add("a2", urgent: true);
        queue.Add("c1", urgent: true);
        queue.Add("a2");
        Assert.Equal(4, queue.Ready);
        Assert.Equal(["a2", "c1", "a1", "b1"], await AllAsync(queue));
    }

    [Fact]
    public async Task What_somebody_waits_for_while_it_is_worked_on_comes_first_when_that_is_done()
    {
        using var queue = new WorkQueue<string>(_clock);
        queue.Add("a");
        await queue.TakeAsync(Cancel);
        queue.Add("b");
        queue.Add("a", urgent: true);
        queue.Add("a");
        queue.Done("a");
        Assert.Equal(["a", "b"], await AllAsync(queue));
    }

    [Fact]
    public async Task However_much_is_urgent_the_rest_comes_to_its_turn()
    {
        using var queue = new WorkQueue<string>(_clock);
        queue.Add("patient");
        for (var i = 0; i < 100; i++)
        {
            queue.Add($"urgent {i}", urgent: true);
        }

        Assert.InRange((await AllAsync(queue)).IndexOf("patient"), 1, 20);
    }

    [Fact]
    public void Keys_are_taken_as_often_as_they_are_ready_whatever_was_made_urgent() => Gen.Select(Gen.Int[0, 9], Gen.Bool, Gen.Bool).List[0, 60].Sample(moves =>
    {
        using var queue = new WorkQueue<int>(_clock, share: static key => (key % 3).ToString(System.Globalization.CultureInfo.InvariantCulture));
        var ready = new HashSet<int>();
        foreach (var (key, urgent, takes) in moves)
        {
            queue.Add(key, urgent);
            ready.Add(key);
            if (takes)
            {
                var taken = queue.TakeAsync(Cancel);
                Assert.True(taken.IsCompletedSuccessfully);
                Assert.True(ready.Remove(taken.GetAwaiter().GetResult()));
                queue.Done(taken.GetAwaiter().GetResult());
            }

            Assert.Equal(ready.Count, queue.Ready);
        }
    });

    private static async Task<List<string>> AllAsync(WorkQueue<string> queue, params string[] keys)
    {
        foreach (var key in keys)
        {
            queue.Add(key);
        }

        var taken = new List<string>();
        while (queue.Ready > 0)
        {
            taken.Add(await queue.TakeAsync(Cancel));
        }

        return taken;
    }

    [Fact]
    public async Task A_delayed_key_comes_when_it_is_due_and_the_shorter_delay_counts()
    {
        using var queue = new WorkQueue<string>(_clock);
        queue.AddAfter("a", TimeSpan.FromSeconds(10));
        queue.AddAfter("a", TimeSpan.FromSeconds(5));
        queue.AddAfter("a", TimeSpan.FromSeconds(20));
        _clock.Advance(TimeSpan.FromSeconds(4.9));
        Assert.Equal(0, queue.Ready);
        _clock.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal("a", await queue.TakeAsync(Cancel));
        queue.Done("a");
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal((0, 0), (queue.Ready, queue.Delayed));
    }

    [Fact]
    public void A_full_queue_refuses_new_keys_and_keeps_the_known_ones()
    {
        using var queue = new WorkQueue<int>(_clock, limit: 2);
        Assert.True(queue.Add(1));
        Assert.True(queue.AddAfter(2, TimeSpan.FromSeconds(1)));
        Assert.False(queue.Add(3));
        Assert.True(queue.Add(1));
        Assert.True(queue.Add(2));
    }

    [Fact]
    public void Delaying_a_key_again_and_again_arms_one_timer_only()
    {
        using var queue = new WorkQueue<int>(_clock);
        for (var i = 0; i < 10_000; i++)
        {
            queue.AddAfter(i % 10, TimeSpan.FromSeconds(10_000 - i));
        }

        Assert.Equal(1, _clock.Timers);
        _clock.Advance(TimeSpan.FromHours(3));
        Assert.Equal((10, 0), (queue.Ready, queue.Delayed));
    }

    [Fact]
    public Task Every_key_added_is_worked_on_after_its_last_add_and_never_by_two_at_once() =>
        Gen.Int[0, 4].Array[1, 60].SampleAsync(
            async keys =>
            {
                using var queue = new WorkQueue<int>(TimeProvider.System);
                var (added, done, running, complete) = (new int[5], new int[5], new int[5], false);
                using var end = new CancellationTokenSource(TimeSpan.FromSeconds(20));
                var workers = Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
                {
                    while (!Volatile.Read(ref complete) || !Enumerable.Range(0, 5).All(k => added[k] == Volatile.Read(ref done[k])))
                    {
                        using var patience = CancellationTokenSource.CreateLinkedTokenSource(end.Token);
                        patience.CancelAfter(10);
                        int key;
                        try
                        {
                            key = await queue.TakeAsync(patience.Token);
                        }
                        catch (OperationCanceledException) when (!end.IsCancellationRequested)
                        {
                            continue;
                        }

                        Assert.Equal(1, Interlocked.Increment(ref running[key]));
                        var seen = Volatile.Read(ref added[key]);
                        await Task.Yield();
                        Volatile.Write(ref done[key], seen);
                        Interlocked.Decrement(ref running[key]);
                        queue.Done(key);
                    }
                })).ToArray();
                foreach (var key in keys)
                {
                    Interlocked.Increment(ref added[key]);
                    queue.Add(key);
                }

                Volatile.Write(ref complete, true);
                await Task.WhenAll(workers);
                Assert.Equal(added, done);
            },
            iter: 30);
}
