using System.Text;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Sources.Webhooks;

namespace Capstan.Server.Webhooks;

/// <summary>The secrets shared with those who send webhooks: Secrets in the namespace <c>capstan</c> with the label
/// <c>capstan.dev/webhook</c>, under the keys <c>github</c>, <c>gitlab</c>, <c>gitea</c> and <c>generic</c>. The first by name that has
/// a key counts. Cannot be printed.</summary>
internal sealed class WebhookKeys : IEquatable<WebhookKeys>
{
    public const string Label = "capstan.dev/webhook";
    private static readonly string[] Forms = ["github", "gitlab", "gitea", "generic"];
    private readonly string?[] _keys;

    private WebhookKeys(string?[] keys) => _keys = keys;

    public static async Task<WebhookKeys> ReadAsync(ClusterClient cluster, CancellationToken cancellation)
    {
        var kind = await cluster.ResolveAsync(new GroupKind("", "Secret"), cancellation).ConfigureAwait(false);
        var found = await cluster.ListAsync(kind, new ListOptions { Namespace = "capstan", LabelSelector = Label }, cancellation).ConfigureAwait(false);
        return Of(found.Items);
    }

    public static WebhookKeys Of(IEnumerable<KubernetesObject> secrets)
    {
        var ordered = secrets.OrderBy(s => s.Name, StringComparer.Ordinal).ToArray();
        return new WebhookKeys([.. Forms.Select(form => ordered.Select(s => Value(s, form)).FirstOrDefault(v => v is not null))]);
    }

    public WebhookSecrets ToSecrets() => new(_keys[0], _keys[1], _keys[2], _keys[3]);

    public bool Equals(WebhookKeys? other) => other is not null && _keys.AsSpan().SequenceEqual(other._keys);

    public override bool Equals(object? obj) => Equals(obj as WebhookKeys);

    public override int GetHashCode() => 0;

    public override string ToString() => "***";

    /// <summary>What people put into a file ends in a line break that nobody meant.</summary>
    private static string? Value(KubernetesObject secret, string form)
    {
        if (secret.Body.At("data", form)?.AsString() is not { Length: > 0 } text) return null;
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length).TrimEnd('\r', '\n') : null;
    }
}
