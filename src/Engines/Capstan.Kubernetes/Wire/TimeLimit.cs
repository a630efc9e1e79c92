namespace Capstan.Kubernetes;

/// <summary>A token that is cancelled by the caller or when the time is up; tells which.</summary>
internal sealed class TimeLimit : IDisposable
{
    private readonly CancellationTokenSource _timer;
    private readonly CancellationTokenSource _linked;

    public TimeLimit(TimeProvider time, TimeSpan limit, CancellationToken cancellation)
    {
        Limit = limit;
        _timer = new CancellationTokenSource(limit, time);
        _linked = CancellationTokenSource.CreateLinkedTokenSource(_timer.Token, cancellation);
    }

    public TimeSpan Limit { get; }

    public CancellationToken Token => _linked.Token;

    public bool IsUp => _timer.IsCancellationRequested;

    public void Dispose()
    {
        _linked.Dispose();
        _timer.Dispose();
    }
}
