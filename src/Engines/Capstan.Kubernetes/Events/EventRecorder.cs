using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Kubernetes;

/// <summary>One event to be seen beside an object.</summary>
/// <param name="About">The object: apiVersion, kind, name, namespace and uid are taken from it.</param>
/// <param name="IsWarning">Whether its type is <c>Warning</c>; else <c>Normal</c>.</param>
/// <param name="Reason">One CamelCase word.</param>
/// <param name="Message">What a person should read; cut at 1,024 bytes.</param>
public sealed record ObjectEvent(KubernetesObject About, bool IsWarning, string Reason, string Message);

/// <summary>
/// Writes <c>v1</c> Events. The same event of the same object is one Event whose count grows; events never fail the caller, since they
/// are a by-product: what cannot be written is logged.
/// </summary>
/// <param name="client">The cluster.</param>
/// <param name="component">Who speaks, as in <c>capstan</c>.</param>
public sealed class EventRecorder(ClusterClient client, string component)
{
    private const int LongestMessage = 1024;
    private const int Remembered = 4096;

    private static readonly ApiResource Events = new(new GroupVersionKind("", "v1", "Event"), "events", true, ResourceVerbs.Create | ResourceVerbs.Patch);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, long> _counts = [];

    /// <summary>Writes an event, or counts it up.</summary>
    public async Task RecordAsync(ObjectEvent @event, CancellationToken cancellation = default)
    {
        var about = @event.About;
        var space = about.Namespace.Length > 0 ? about.Namespace : "default";
        var name = Name(@event);
        var now = client.Time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        try
        {
            if (Next(name) is var count and > 1 && await TryCountAsync(space, name, count, now, cancellation).ConfigureAwait(false))
            {
                return;
            }

            await CreateAsync(@event, space, name, now, cancellation).ConfigureAwait(false);
        }
        catch (Exception error) when (error is KubernetesException or ClusterUnreachableException)
        {
            client.Log.EventLost(@event.Reason, about.Key, error.Message);
        }
    }

    private async Task<bool> TryCountAsync(string space, string name, long count, string now, CancellationToken cancellation)
    {
        try
        {
            var patch = YamlMap.Of(("count", count), ("lastTimestamp", now));
            await client.PatchAsync(Events, space, name, PatchKind.Merge, patch, cancellation: cancellation).ConfigureAwait(false);
            return true;
        }
        catch (KubernetesException error) when (error.IsNotFound)
        {
            // Events live for an hour.
            return false;
        }
    }

    private async Task CreateAsync(ObjectEvent @event, string space, string name, string now, CancellationToken cancellation)
    {
        var about = @event.About;
        var body = new KubernetesObject(YamlMap.Of(
            ("apiVersion", "v1"),
            ("kind", "Event"),
            ("metadata", YamlMap.Of(("name", name), ("namespace", space))),
            ("involvedObject", YamlMap.Of(
                ("apiVersion", about.ApiVersion), ("kind", about.Kind), ("namespace", about.Namespace), ("name", about.Name), ("uid", about.Uid))),
            ("type", @event.IsWarning ? "Warning" : "Normal"),
            ("reason", @event.Reason),
            ("message", Cut(@event.Message)),
            ("source", YamlMap.Of(("component", component))),
            ("reportingComponent", component),
            ("firstTimestamp", now),
            ("lastTimestamp", now),
            ("count", 1)));
        try
        {
            await client.CreateAsync(Events, body, cancellation: cancellation).ConfigureAwait(false);
        }
        catch (KubernetesException error) when (error.IsAlreadyExists)
        {
            // From before a restart of this process: its count begins anew, its time goes on.
            await TryCountAsync(space, name, 1, now, cancellation).ConfigureAwait(false);
        }
    }

    private long Next(string name)
    {
        lock (_lock)
        {
            if (_counts.Count >= Remembered && !_counts.ContainsKey(name))
            {
                _counts.Clear();
            }

            return _counts[name] = _counts.GetValueOrDefault(name) + 1;
        }
    }

    private string Name(ObjectEvent @event)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{component}\n{@event.About.Key}\n{@event.About.Uid}\n{@event.IsWarning}\n{@event.Reason}\n{@event.Message}"));

        // Roles have colons in their names; an Event may not.
        var about = string.Concat(@event.About.Name.Take(200).Select(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '-' ? c : '-'));
        return $"{about.Trim('.', '-')}.{Convert.ToHexStringLower(hash.AsSpan(0, 8))}";
    }

    private static string Cut(string message) => message.Length <= LongestMessage ? message : message[..(LongestMessage - 1)] + "…";
}
