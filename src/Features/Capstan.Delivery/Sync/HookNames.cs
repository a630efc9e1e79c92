using System.Globalization;
using Capstan.Delivery.Comparing;
using Capstan.Delivery.Tracking;

namespace Capstan.Delivery.Sync;

/// <summary>
/// Names hooks that give only a prefix: <c>PREFIX</c> and, in lower case, the first seven digits of the commit, the phase and the time at which the
/// operation began (gitops-engine, pkg/sync/sync_context.go). So the name is the same when an operation is taken up again, and another in the next one.
/// </summary>
internal static class HookNames
{
    public static DesiredObject Named(DesiredObject hook, SyncPhase phase, string revision, DateTimeOffset? startedAt)
    {
        if (hook.Object.Name.Length > 0)
        {
            return hook;
        }

        var began = startedAt is { } at ? at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture) : "";
        var from = revision.Length switch { 0 => "push", > 7 => revision[..7], _ => revision };
        var suffix = $"{from}-{phase}-{began}".ToLowerInvariant();
        var named = hook.Object.With(["metadata", "name"], hook.Object.GenerateName + suffix).Without("metadata", "generateName");

        // The mark ends with the name, which was not there yet.
        return new DesiredObject(
            named.Annotation(TrackingId.Annotation) is { } mark ? named.WithAnnotation(TrackingId.Annotation, mark + named.Name) : named, hook.Origin, hook.IsServed);
    }
}
