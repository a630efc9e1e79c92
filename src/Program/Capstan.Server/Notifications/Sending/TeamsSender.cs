using Capstan.Yaml;

namespace Capstan.Server.Notifications.Sending;

/// <summary>Microsoft Teams by incoming webhooks: option <c>recipientUrls</c> with an address by recipient; the template's part <c>teams</c> may have <c>title</c>,
/// <c>summary</c> and <c>themeColor</c>.</summary>
internal sealed class TeamsSender(HttpPost http) : IMessageSender
{
    public async Task SendAsync(NotificationService service, string recipient, NotificationMessage message, CancellationToken cancellation)
    {
        if (service.Options["recipientUrls"] is not YamlMap urls || urls[recipient]?.AsString() is not { Length: > 0 } url) throw new NotDeliveredException($"{service}: recipientUrls has no {recipient}", isFinal: true);
        var part = message.Part("teams");
        string Of(string name, string otherwise) => NotificationMessage.Field(part, name) is { Length: > 0 } own ? own : otherwise;
        var title = Of("title", message.Title);
        var body = YamlMap.Of(
            ("@type", "MessageCard"), ("@context", "https://schema.org/extensions"), ("summary", Of("summary", title.Length > 0 ? title : message.Text)), ("title", title),
            ("text", message.Text.Replace("\n", "\n\n", StringComparison.Ordinal)), ("themeColor", Of("themeColor", "0969DA")));
        await http.SendAsync(service, "POST", url, JsonText.Write(body), null, cancellation).ConfigureAwait(false);
    }
}
