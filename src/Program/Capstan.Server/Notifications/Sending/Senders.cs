namespace Capstan.Server.Notifications.Sending;

/// <summary>A message could not be delivered.</summary>
/// <param name="message">Why.</param>
/// <param name="isFinal">Whether trying again is of no use.</param>
/// <param name="inner">What was behind it.</param>
internal sealed class NotDeliveredException(string message, bool isFinal = false, Exception? inner = null) : Exception(message, inner)
{
    public bool IsFinal { get; } = isFinal;
}

/// <summary>Sends messages through one kind of service.</summary>
internal interface IMessageSender
{
    /// <exception cref="NotDeliveredException">It was not delivered.</exception>
    Task SendAsync(NotificationService service, string recipient, NotificationMessage message, CancellationToken cancellation);
}

/// <summary>The senders by kind of service.</summary>
internal sealed class Senders : IDisposable
{
    private readonly HttpPost _http = new();
    private readonly Dictionary<string, IMessageSender> _byKind;

    /// <param name="time">The clock.</param>
    /// <param name="url">The address that people use.</param>
    public Senders(TimeProvider time, Func<Uri> url) => _byKind = new Dictionary<string, IMessageSender>(StringComparer.Ordinal)
    {
        ["slack"] = new SlackSender(_http),
        ["teams"] = new TeamsSender(_http),
        ["webhook"] = new WebhookSender(_http, time),
        ["email"] = new EmailSender(),
        ["commit-status"] = new CommitStatusSender(_http, url),
    };

    public IMessageSender Of(string kind) => _byKind[kind];

    public void Dispose() => _http.Dispose();
}
