using System.Text.Json;

namespace Capstan.Sources.Webhooks;

/// <summary>Finds repository, ref and commit in the bodies that the various hosts send for a push.</summary>
internal static class PushBody
{
    public static PushNotification? Read(string provider, JsonElement body)
    {
        var reference = BodyFields.Text(body, "ref");
        var urls = BodyFields.Repositories(body);
        var after = BodyFields.Text(body, "after");
        return reference is null || reference.Length > 1024 || urls.Count == 0 ? null : new PushNotification(provider, urls, reference, BodyFields.IsCommit(after) ? after : null);
    }
}
