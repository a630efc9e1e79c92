namespace Capstan.Server.Notifications.Sending;

/// <summary>The status of a commit at the host of the application's repository: options <c>provider</c> (github, gitlab, gitea), <c>token</c>, <c>apiURL</c>; the template's part <c>status</c> may have
/// <c>state</c>, <c>description</c>, <c>label</c> and <c>targetURL</c>. The recipient is of no meaning.</summary>
internal sealed class CommitStatusSender(HttpPost http, Func<Uri> url) : IMessageSender
{
    public Task SendAsync(NotificationService service, string recipient, NotificationMessage message, CancellationToken cancellation)
    {
        var status = message.Application.Status;
        var sha = status.At("operationState", "syncResult", "revision")?.AsString() ?? status.At("sync", "revision")?.AsString() ?? "";
        if (sha.Length != 40) throw new NotDeliveredException($"{service}: application {message.Application.Name} has no commit yet", isFinal: true);
        var repository = message.Application.Spec.At("source", "repoURL")?.AsString() ?? "";
        var part = message.Part("status");
        string Of(string name, string otherwise) => NotificationMessage.Field(part, name) is { Length: > 0 } own ? own : otherwise;
        var (state, label) = (Of("state", "pending"), Of("label", "capstan/" + message.Application.Name));
        var description = Of("description", message.Title.Length > 0 ? message.Title : message.Text).ReplaceLineEndings(" ");
        var target = Of("targetURL", new Uri(url(), "/applications/" + Uri.EscapeDataString(message.Application.Name)).ToString());
        return new HostStatus(http).SendAsync(service, repository, sha, new HostStatusText(state, description, label, target), cancellation);
    }
}
