using Capstan.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Capstan.Reconcile.Tests;

public sealed class LeaseTests
{
    private readonly FakeClock _clock = new();
    private readonly MemoryLeases _leases = new();

    [Fact]
    public async Task One_leads_at_a_time_and_the_next_takes_over_with_a_new_generation()
    {
        using var first = new Candidate(_leases, "first", _clock);
        await MoveUntilAsync(() => first.Generation == 1);
        using var second = new Candidate(_leases, "second", _clock);
        await MoveAsync(TimeSpan.FromMinutes(2));
        Assert.Equal(0, second.Generation);
        await first.StopAsync();
        await MoveUntilAsync(() => second.Generation == 2);
        await second.StopAsync();
    }

    [Fact]
    public async Task A_leader_that_cannot_renew_steps_down_before_another_may_lead()
    {
        using var first = new Candidate(_leases, "first", _clock);
        await MoveUntilAsync(() => first.Generation == 1);
        _leases.RefuseFor = "first";
        using var second = new Candidate(_leases, "second", _clock);
        await MoveUntilAsync(() => second.Generation > 0);
        Assert.True(first.SteppedDownAt < second.BeganAt, $"{first.SteppedDownAt} {second.BeganAt}");
        await first.StopAsync();
        await second.StopAsync();
    }

    [Fact]
    public void Keys_are_shared_among_members_and_few_move_when_one_goes()
    {
        var keys = Enumerable.Range(0, 1000).Select(i => $"app-{i}").ToList();
        string[] three = ["a", "b", "c"];
        var before = keys.ToDictionary(k => k, k => Shards.OwnerOf(k, three));
        Assert.All(three, member => Assert.InRange(before.Values.Count(o => o == member), 250, 420));
        Assert.All(keys.Where(k => before[k] != "c"), k => Assert.Equal(before[k], Shards.OwnerOf(k, ["b", "a"])));
        Assert.Null(Shards.OwnerOf("x", []));
    }

    [Fact]
    public async Task Members_see_each_other_and_one_that_falls_silent_loses_its_share()
    {
        using var end = new CancellationTokenSource();
        var one = Member("one");
        var two = Member("two");
        var first = one.RunAsync(end.Token);
        using var stop = new CancellationTokenSource();
        var second = two.RunAsync(stop.Token);
        await MoveUntilAsync(() => one.Members.Count == 2 && two.Members.Count == 2);
        Assert.All(Enumerable.Range(0, 50), i => Assert.True(one.Owns($"k{i}") ^ two.Owns($"k{i}")));
        _leases.RefuseFor = "two";
        await MoveUntilAsync(() => one.Members.Count == 1 && two.Members.Count == 0);
        await end.CancelAsync();
        await stop.CancelAsync();
        await Task.WhenAll(first, second);
    }

    private ShardMembership Member(string identity) => new(_leases, new LeaderElectionOptions("shard", identity), _clock, NullLogger.Instance);

    private async Task MoveUntilAsync(Func<bool> reached)
    {
        for (var i = 0; i < 1000 && !reached(); i++)
        {
            await MoveAsync(TimeSpan.FromMilliseconds(500));
        }

        Assert.True(reached());
    }

    private async Task MoveAsync(TimeSpan by)
    {
        for (var moved = TimeSpan.Zero; moved < by; moved += TimeSpan.FromMilliseconds(250))
        {
            _clock.Advance(TimeSpan.FromMilliseconds(250));
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }

    private sealed class Candidate : IDisposable
    {
        private readonly CancellationTokenSource _end = new();
        private readonly Task _work;

        public Candidate(MemoryLeases leases, string identity, FakeClock clock) =>
            _work = new LeaderElection(leases, new LeaderElectionOptions("leader", identity), clock, NullLogger.Instance).RunAsync(
                async (generation, term) =>
                {
                    (Generation, BeganAt) = (generation, clock.GetUtcNow());
                    await using var registration = term.Register(() => SteppedDownAt = clock.GetUtcNow());
                    await Task.Delay(Timeout.Infinite, term);
                },
                _end.Token);

        public int Generation { get; private set; }

        public DateTimeOffset BeganAt { get; private set; }

        public DateTimeOffset SteppedDownAt { get; private set; }

        public async Task StopAsync()
        {
            await _end.CancelAsync();
            await _work;
        }

        public void Dispose() => _end.Dispose();
    }

    private sealed class MemoryLeases : ILeaseStore
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<string, Lease> _leases = [];
        private int _version;

        public string? RefuseFor { get; set; }

        public Task<Lease?> GetAsync(string name, CancellationToken cancellation)
        {
            lock (_lock)
            {
                return Task.FromResult(_leases.GetValueOrDefault(name));
            }
        }

        public Task<IReadOnlyList<Lease>> ListAsync(string prefix, CancellationToken cancellation)
        {
            lock (_lock)
            {
                return Task.FromResult<IReadOnlyList<Lease>>([.. _leases.Values.Where(l => l.Name.StartsWith(prefix, StringComparison.Ordinal))]);
            }
        }

        public Task<Lease?> TryWriteAsync(Lease lease, CancellationToken cancellation)
        {
            lock (_lock)
            {
                if (lease.Holder == RefuseFor)
                {
                    throw new IOException("no route");
                }

                return Task.FromResult((_leases.GetValueOrDefault(lease.Name)?.Version ?? "") != lease.Version
                    ? null
                    : _leases[lease.Name] = lease with { Version = $"{++_version}" });
            }
        }

        public Task RemoveAsync(Lease lease, CancellationToken cancellation)
        {
            lock (_lock)
            {
                _leases.Remove(lease.Name);
            }

            return Task.CompletedTask;
        }
    }
}
