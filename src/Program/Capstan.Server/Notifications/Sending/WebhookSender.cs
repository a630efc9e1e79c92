using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Capstan.Yaml;

namespace Capstan.Server.Notifications.Sending;

/// <summary>Any webhook: options <c>url</c>, <c>headers</c>, <c>basicAuth</c>, and <c>secret</c> for a signature (<c>X-Capstan-Signature: sha256=</c> HMAC of <c>TIMESTAMP.BODY</c>, as
/// Capstan's own hook takes it). The template's part <c>webhook.NAME</c> may have <c>method</c>, <c>path</c> and <c>body</c>.</summary>
internal sealed class WebhookSender(HttpPost http, TimeProvider time) : IMessageSender
{
    public Task SendAsync(NotificationService service, string recipient, NotificationMessage message, CancellationToken cancellation)
    {
        var part = message.Part("webhook")[service.Name] as YamlMap ?? YamlMap.Empty;
        var method = NotificationMessage.Field(part, "method") is { Length: > 0 } own ? own.ToUpperInvariant() : "POST";
        if (method is not ("POST" or "PUT" or "PATCH" or "GET")) throw new NotDeliveredException($"{service}: the template's method {method} is none of POST, PUT, PATCH, GET", isFinal: true);
        var path = NotificationMessage.Field(part, "path");
        var url = path.Length == 0 ? service.Text("url") : service.Text("url").TrimEnd('/') + "/" + path.TrimStart('/');
        var body = NotificationMessage.Field(part, "body") is { Length: > 0 } written ? written : JsonText.Write(Standard(recipient, message));
        return http.SendAsync(service, method, url, method == "GET" ? null : body, request =>
        {
            foreach (var header in (service.Options["headers"] as YamlList ?? YamlList.Empty).OfType<YamlMap>())
            {
                if (header["name"]?.AsString() is not { Length: > 0 } name) continue;
                if (!request.Headers.TryAddWithoutValidation(name, header["value"]?.AsString() ?? "")) request.Content?.Headers.TryAddWithoutValidation(name, header["value"]?.AsString() ?? "");
            }
            if (service.Options["basicAuth"] is YamlMap basic)
            {
                request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{basic["username"]?.AsString()}:{basic["password"]?.AsString()}")));
            }
            if (service.Text("secret") is { Length: > 0 } secret) Sign(request, secret, method == "GET" ? "" : body);
        }, cancellation);
    }

    private void Sign(HttpRequestMessage request, string secret, string body)
    {
        var stamp = time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var hash = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{stamp}.{body}"));
        request.Headers.TryAddWithoutValidation("X-Capstan-Timestamp", stamp);
        request.Headers.TryAddWithoutValidation("X-Capstan-Signature", "sha256=" + Convert.ToHexStringLower(hash));
    }

    private static YamlMap Standard(string recipient, NotificationMessage message)
    {
        string At(params ReadOnlySpan<string> path) => message.Application.Status.At(path)?.AsString() ?? "";
        return YamlMap.Of(
            ("application", message.Application.Name), ("namespace", message.Application.Namespace), ("triggers", new YamlList(message.Triggers.Select(t => YamlScalar.String(t)))), ("recipient", recipient),
            ("title", message.Title), ("message", message.Text), ("sync", At("sync", "status")), ("health", At("health", "status")), ("revision", At("sync", "revision")));
    }
}
