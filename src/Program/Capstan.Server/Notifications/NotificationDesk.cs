using System.Collections.Concurrent;
using System.Threading.Channels;
using Capstan.Api.Applications;
using Capstan.Api.Notifications;
using Capstan.Delivery.Controllers;
using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Server.Hosting;
using Capstan.Server.Live;
using Capstan.Server.Notifications.Sending;
using Capstan.Server.Problems;
using Capstan.Sources;
using Capstan.Yaml;
using Microsoft.Extensions.Logging;

namespace Capstan.Server.Notifications;

/// <summary>Tells people of applications: follows their changes, waits until one is quiet, asks the triggers of its subscriptions, and delivers one message to each
/// recipient, however many triggers fired.</summary>
internal sealed class NotificationDesk : IAsyncDisposable
{
    private const string SubscribePrefix = "notifications.argoproj.io/subscribe.";
    private const int MostUnderWay = 500;
    private static readonly TimeSpan Look = TimeSpan.FromMinutes(1);
    private static readonly string[] Spaces = ["capstan", "argocd"];
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<string, Task> _underWay = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (DateTimeOffset First, DateTimeOffset Last)> _dirty = new(StringComparer.Ordinal);
    private readonly ServerParts _parts;
    private readonly NotificationOptions _options;
    private readonly Senders _senders;
    private readonly ILogger _log;
    private readonly Task _run;
    private (NotificationSettings Settings, DateTimeOffset ReadAt)? _settings;

    public NotificationDesk(ServerParts parts, NotificationOptions options, ILogger log)
    {
        (_parts, _options, _log) = (parts, options, log);
        _senders = new Senders(parts.Time, () => parts.Settings.ExternalUrl ?? parts.Url());
        _run = RunAsync();
    }

    private sealed record Due(string Key, string Trigger, TriggerRule Rule, NotificationService Service, string Recipient);

    /// <summary>Whether an application says that somebody is to be told of it.</summary>
    public static bool Subscribes(KubernetesObject application) => application.Annotations.Any(a => a.Key.StartsWith(SubscribePrefix, StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_underWay.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _senders.Dispose();
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        await Task.Yield();
        Channel<NumberedChange>? reader = null;
        var looked = DateTimeOffset.MinValue;
        try
        {
            while (!_stopping.IsCancellationRequested)
            {
                var now = _parts.Time.GetUtcNow();
                if (reader is null || now - looked > Look)
                {
                    // What was missed, by a restart or by being slow, is found by a look at all.
                    reader ??= _parts.Changes.Join(null).Reader;
                    foreach (var all in _parts.Index.All) Mark($"{all.Summary.Namespace}/{all.Name}", now);
                    looked = now;
                }
                if (!await TakeAsync(reader).ConfigureAwait(false)) reader = null;
                await TellQuietAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            if (reader is not null) _parts.Changes.Leave(reader);
        }
    }

    /// <returns>False when the stream ended because this was too slow.</returns>
    private async Task<bool> TakeAsync(Channel<NumberedChange> reader)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        patience.CancelAfter(_options.Quiet / 2);
        try
        {
            if (!await reader.Reader.WaitToReadAsync(patience.Token).ConfigureAwait(false)) return false;
        }
        catch (OperationCanceledException) when (!_stopping.IsCancellationRequested)
        {
            return true;
        }
        while (reader.Reader.TryRead(out var numbered))
        {
            var change = numbered.Change;
            if (change is { Kind: "application", Gone: false }) Mark($"{change.Namespace}/{change.Name[(change.Name.IndexOf('/', StringComparison.Ordinal) + 1)..]}", _parts.Time.GetUtcNow());
        }
        return true;
    }

    private void Mark(string application, DateTimeOffset now) => _dirty[application] = _dirty.TryGetValue(application, out var known) ? (known.First, now) : (now, now);

    private async Task TellQuietAsync()
    {
        var now = _parts.Time.GetUtcNow();
        var quiet = _dirty.Where(d => now - d.Value.Last >= _options.Quiet || now - d.Value.First >= _options.Longest).Select(d => d.Key).ToArray();
        if (quiet.Length == 0) return;
        try
        {
            var settings = await SettingsAsync(now).ConfigureAwait(false);
            foreach (var name in quiet)
            {
                _dirty.Remove(name);
                var space = name[..name.IndexOf('/', StringComparison.Ordinal)];
                if (settings.Subscriptions.Count == 0 && _parts.Index.Find(space, name[(space.Length + 1)..])?.Subscribes != true) continue;
                if (_parts.Applications.TryGet(name) is { } application) await TellAsync(settings, application).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is KubernetesException or ClusterUnreachableException or UnknownKindException)
        {
            // They stay marked and are looked at again.
            _log.NotificationsWait(e.Message);
        }
    }

    private async Task TellAsync(NotificationSettings settings, KubernetesObject application)
    {
        var root = YamlMap.Of(("app", application.Body));
        var due = new List<Due>();
        foreach (var (trigger, service, recipient) in SubscriptionsOf(settings, application).Distinct())
        {
            if (!settings.Triggers.TryGetValue(trigger, out var rules)) continue;
            foreach (var (rule, index) in rules.Select((r, i) => (r, i)))
            {
                var basis = $"{application.Namespace}/{application.Name}|{trigger}|{index}|{service.Name}|{recipient}";
                var holds = rule.When.Holds(root);
                var key = rule.OncePer is { } once ? $"{basis}|{once.TextOf(root)}" : basis;
                if (holds && !_parts.Notifications.WasTold(key) && !_underWay.ContainsKey(key)) due.Add(new Due(key, trigger, rule, service, recipient));
                else if (!holds && rule.OncePer is null && _parts.Notifications.WasTold(key)) _parts.Notifications.Add(Entry(application, [trigger], service.Name, recipient, "cleared", 0, "", null, [key]));
            }
        }
        if (due.Count == 0) return;
        var why = await WhyAsync(application).ConfigureAwait(false);
        foreach (var group in due.GroupBy(d => (d.Service, d.Recipient)))
        {
            var keys = group.Select(d => d.Key).ToArray();
            if (_underWay.Count >= MostUnderWay)
            {
                _log.NotificationsWait($"{MostUnderWay} messages are under way already");
                return;
            }
            if (Message(settings, application, why, group, keys) is not { } message) continue;
            var work = DeliverAsync(application, group.Key.Service, group.Key.Recipient, message, keys);
            foreach (var key in keys) _underWay[key] = work;
            // It may have ended before it was put down.
            if (work.IsCompleted) foreach (var key in keys) _underWay.TryRemove(key, out _);
        }
    }

    private NotificationMessage? Message(NotificationSettings settings, KubernetesObject application, IReadOnlyList<WhyReason> why, IEnumerable<Due> due, IReadOnlyList<string> keys)
    {
        NotificationMessage? message = null;
        foreach (var one in due)
        {
            foreach (var name in one.Rule.Send)
            {
                try
                {
                    if (!settings.Templates.TryGetValue(name, out var template)) throw new FormatException("there is no such template");
                    var part = NotificationMessage.Of(template, application, one.Trigger, why, Context(settings), one.Service, one.Recipient, _parts.Time, _stopping.Token);
                    message = message is null ? part : message.With(part);
                }
                catch (FormatException e)
                {
                    _parts.Notifications.Add(Entry(application, [one.Trigger], one.Service.Name, one.Recipient, "failed", 0, "", $"template.{name}: {e.Message}", keys));
                    return null;
                }
            }
        }
        return message;
    }

    private async Task DeliverAsync(KubernetesObject application, NotificationService service, string recipient, NotificationMessage message, IReadOnlyList<string> keys)
    {
        await Task.Yield();
        try
        {
            var pause = _options.FirstPause;
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    await _senders.Of(service.Kind).SendAsync(service, recipient, message, _stopping.Token).ConfigureAwait(false);
                    _parts.Notifications.Add(Entry(application, message.Triggers, service.Name, recipient, "delivered", attempt, message.Text, null, keys));
                    return;
                }
                catch (NotDeliveredException e)
                {
                    var last = e.IsFinal || attempt >= _options.Attempts;
                    _parts.Notifications.Add(Entry(application, message.Triggers, service.Name, recipient, last ? "failed" : "retrying", attempt, message.Text, e.Message, keys));
                    if (last) return;
                }
                await Task.Delay(pause * (0.75 + Random.Shared.NextDouble() / 2), _parts.Time, _stopping.Token).ConfigureAwait(false);
                pause *= 4;
            }
        }
        finally
        {
            foreach (var key in keys) _underWay.TryRemove(key, out _);
        }
    }

    private async Task<IReadOnlyList<WhyReason>> WhyAsync(KubernetesObject application)
    {
        try
        {
            return (await _parts.Reports.WhyAsync(application, _stopping.Token).ConfigureAwait(false)).Reasons;
        }
        catch (Exception e) when (e is DeliveryException or SourceException or ApplicationNotFoundException)
        {
            // The message goes without it.
            return [];
        }
    }

    private YamlMap Context(NotificationSettings settings) =>
        settings.Context.ContainsKey("argocdUrl") ? settings.Context : settings.Context.With("argocdUrl", (_parts.Settings.ExternalUrl ?? _parts.Url()).ToString().TrimEnd('/'));

    private static IEnumerable<(string Trigger, NotificationService Service, string Recipient)> SubscriptionsOf(NotificationSettings settings, KubernetesObject application)
    {
        foreach (var (key, value) in application.Annotations)
        {
            if (!key.StartsWith(SubscribePrefix, StringComparison.Ordinal)) continue;
            // subscribe.TRIGGER.SERVICE, or subscribe.SERVICE for the default triggers.
            var rest = key[SubscribePrefix.Length..];
            var dot = rest.IndexOf('.', StringComparison.Ordinal);
            if (!settings.Services.TryGetValue(dot < 0 ? rest : rest[(dot + 1)..], out var service)) continue;
            var recipients = (value.AsString() ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            foreach (var trigger in dot < 0 ? settings.DefaultTriggers : [rest[..dot]])
            {
                // A webhook has no recipients, and its annotation is empty.
                foreach (var recipient in recipients.Length == 0 ? [""] : recipients) yield return (trigger, service, recipient);
            }
        }
        foreach (var subscription in settings.Subscriptions.Where(s => s.Selector.All(l => application.Label(l.Name) == l.Value)))
        {
            foreach (var to in subscription.Recipients)
            {
                var colon = to.IndexOf(':', StringComparison.Ordinal);
                if (!settings.Services.TryGetValue(colon < 0 ? to : to[..colon], out var service)) continue;
                foreach (var trigger in subscription.Triggers) yield return (trigger, service, colon < 0 ? "" : to[(colon + 1)..]);
            }
        }
    }

    private async Task<NotificationSettings> SettingsAsync(DateTimeOffset now)
    {
        if (_settings is { } known && now - known.ReadAt < _options.SettingsAge) return known.Settings;
        KubernetesObject? map = null, secret = null;
        foreach (var space in Spaces)
        {
            map ??= await _parts.Cluster.FindAsync(new ObjectKey(new GroupKind("", "ConfigMap"), space, NotificationSettings.ConfigMapName), _stopping.Token).ConfigureAwait(false);
            secret ??= await _parts.Cluster.FindAsync(new ObjectKey(new GroupKind("", "Secret"), space, NotificationSettings.SecretName), _stopping.Token).ConfigureAwait(false);
        }
        var settings = NotificationSettings.Read(map, secret);
        _parts.Notifications.Problems = settings.Problems;
        _settings = (settings, now);
        return settings;
    }

    private static NotificationEntry Entry(
        KubernetesObject application, IReadOnlyList<string> triggers, string service, string recipient, string state, int attempt, string text, string? error, IReadOnlyList<string> keys) =>
        new(0, "", $"{application.Namespace}/{application.Name}", string.Join(", ", triggers.Distinct(StringComparer.Ordinal)), service, recipient, state, attempt, text, error, keys);
}
