using System.Net.Http.Headers;
using Capstan.Yaml;

namespace Capstan.Server.Notifications.Sending;

/// <summary>Slack by <c>chat.postMessage</c> (https://api.slack.com/methods/chat.postMessage): options <c>token</c>, <c>apiURL</c>, <c>username</c>, <c>icon</c>; the template's
/// part <c>slack</c> may have <c>attachments</c> and <c>blocks</c> as JSON.</summary>
internal sealed class SlackSender(HttpPost http) : IMessageSender
{
    public async Task SendAsync(NotificationService service, string recipient, NotificationMessage message, CancellationToken cancellation)
    {
        if (service.Text("token").Length == 0) throw new NotDeliveredException($"{service}: has no token", isFinal: true);
        var body = YamlMap.Of(("channel", recipient), ("text", message.Title.Length > 0 ? $"*{message.Title}*\n{message.Text}" : message.Text));
        if (service.Text("username") is { Length: > 0 } name) body = body.With("username", name);
        if (service.Text("icon") is { Length: > 0 } icon) body = body.With(icon.StartsWith(':') ? "icon_emoji" : "icon_url", icon);
        foreach (var part in (string[])["attachments", "blocks"])
        {
            if (NotificationMessage.Field(message.Part("slack"), part) is { Length: > 0 } json) body = body.With(part, Json(service, part, json));
        }
        var api = service.Text("apiURL") is { Length: > 0 } own ? own.TrimEnd('/') : "https://slack.com/api";
        var answer = await http.SendAsync(service, "POST", api + "/chat.postMessage", JsonText.Write(body), r => r.Headers.Authorization = new AuthenticationHeaderValue("Bearer", service.Text("token")), cancellation).ConfigureAwait(false);
        // Slack says 200 also where it took nothing.
        if (Read(answer) is not { } told || told["ok"] is not YamlScalar { Text: "true" })
        {
            var error = Read(answer)?["error"]?.AsString() ?? "no answer of Slack's";
            throw new NotDeliveredException($"{service}: Slack refused: {error}", isFinal: error is not ("ratelimited" or "internal_error" or "service_unavailable" or "no answer of Slack's"));
        }
    }

    private static YamlNode Json(NotificationService service, string part, string json)
    {
        try
        {
            return JsonText.Read(json);
        }
        catch (YamlException e)
        {
            throw new NotDeliveredException($"{service}: the template's slack.{part} is no JSON: {e.Message}", isFinal: true, e);
        }
    }

    private static YamlMap? Read(string answer)
    {
        try
        {
            return JsonText.Read(answer) as YamlMap;
        }
        catch (YamlException)
        {
            // Something between here and Slack answered.
            return null;
        }
    }
}
