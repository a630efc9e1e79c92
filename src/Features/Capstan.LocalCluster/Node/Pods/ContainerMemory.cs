namespace Capstan.LocalCluster.Node.Pods;

/// <summary>What the node remembers of a container besides what the engine tells. Lost with the process: everything in it is found out anew.</summary>
internal sealed class ContainerMemory
{
    // kubelet: MaxContainerBackOff and the initial period; forgotten after a container ran twice the longest.
    private static readonly TimeSpan First = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <summary>Why it waits, in Kubernetes' words; empty when it does not.</summary>
    public string Waiting { get; private set; } = "";

    /// <summary>What that means here.</summary>
    public string Message { get; private set; } = "";

    /// <summary>Whether it has passed its startup probe, or has none.</summary>
    public bool Started { get; set; }

    /// <summary>Whether its readiness probe holds, or it has none.</summary>
    public bool Ready { get; set; }

    /// <summary>Why it is to be ended and started anew; empty when it is not.</summary>
    public string Restart { get; set; } = "";

    /// <summary>The attempt whose end was counted already (the engine's id); empty for none.</summary>
    public string Counted { get; set; } = "";

    /// <summary>What fetches its image; null when nothing does.</summary>
    public Task<(Capstan.Containers.Images.ImageDetails Image, bool Pulled)>? Fetching { get; set; }

    /// <summary>Before when it is not tried again.</summary>
    public DateTimeOffset NotBefore { get; private set; }

    private TimeSpan _delay;
    private DateTimeOffset _lastFailure;

    /// <summary>It waits for something; nothing is to be tried before <see cref="NotBefore"/>.</summary>
    public void Wait(string reason, string message) => (Waiting, Message) = (reason, message);

    /// <summary>It no longer waits.</summary>
    public void Go() => (Waiting, Message) = ("", "");

    /// <summary>Notes a failure, after which it is tried again later and later.</summary>
    /// <param name="at">When it failed.</param>
    /// <param name="firstIsFree">Whether the first failure is followed by another try at once.</param>
    /// <returns>How long until the next try.</returns>
    public TimeSpan Fail(DateTimeOffset at, bool firstIsFree)
    {
        if (_lastFailure != default && at - _lastFailure > Longest * 2)
        {
            _delay = TimeSpan.Zero;
            _lastFailure = default;
        }

        if (_lastFailure == default && firstIsFree)
        {
            _lastFailure = at;
            NotBefore = at;
            return TimeSpan.Zero;
        }

        _lastFailure = at;
        _delay = _delay == TimeSpan.Zero ? First : _delay * 2 > Longest ? Longest : _delay * 2;
        NotBefore = at + _delay;
        return _delay;
    }

    /// <summary>It succeeded: the next failure is the first.</summary>
    public void Succeed()
    {
        (_delay, _lastFailure, NotBefore) = (TimeSpan.Zero, default, default);
        Go();
    }

    /// <summary>The present delay.</summary>
    public TimeSpan Delay => _delay;
}
