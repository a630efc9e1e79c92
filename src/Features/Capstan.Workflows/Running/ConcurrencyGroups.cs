namespace Capstan.Workflows.Running;

/// <summary>Groups of which only one member runs: one more waits, and a newer one takes its place.</summary>
internal sealed class ConcurrencyGroups
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Group> _groups = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Waits until it is this member's turn.</summary>
    /// <param name="key">The group.</param>
    /// <param name="cancelRunning">Whether the member that runs is ended for this one.</param>
    /// <param name="end">Ends this member, when another asks for it.</param>
    /// <param name="cancellation">Gives the wait up.</param>
    /// <returns>What is disposed when the member has ended; null when a newer one took its place.</returns>
    public async Task<IDisposable?> EnterAsync(string key, bool cancelRunning, Action end, CancellationToken cancellation)
    {
        var member = new Member(end);
        Action? endRunning = null;
        lock (_gate)
        {
            if (!_groups.TryGetValue(key, out var group)) _groups[key] = group = new Group();
            if (group.Running is null)
            {
                group.Running = member;
                return new Turn(this, key, member);
            }

            group.Waiting?.Turn.TrySetResult(false);
            group.Waiting = member;
            if (cancelRunning) endRunning = group.Running.End;
        }

        endRunning?.Invoke();
        using var given = cancellation.Register(() => member.Turn.TrySetResult(false));
        if (await member.Turn.Task.ConfigureAwait(false)) return new Turn(this, key, member);
        Leave(key, member);
        cancellation.ThrowIfCancellationRequested();
        return null;
    }

    private void Leave(string key, Member member)
    {
        lock (_gate)
        {
            if (!_groups.TryGetValue(key, out var group)) return;
            if (group.Waiting == member) group.Waiting = null;
            if (group.Running != member) return;
            do
            {
                (group.Running, group.Waiting) = (group.Waiting, null);
            }
            while (group.Running is { } next && !next.Turn.TrySetResult(true));

            if (group.Running is null) _groups.Remove(key);
        }
    }

    private sealed class Group
    {
        public Member? Running { get; set; }

        public Member? Waiting { get; set; }
    }

    private sealed class Member(Action end)
    {
        public Action End { get; } = end;

        public TaskCompletionSource<bool> Turn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Turn(ConcurrencyGroups groups, string key, Member member) : IDisposable
    {
        public void Dispose() => groups.Leave(key, member);
    }
}
