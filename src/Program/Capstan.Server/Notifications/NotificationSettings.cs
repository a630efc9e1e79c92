using System.Text;
using System.Text.RegularExpressions;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Server.Notifications;

/// <summary>A service that messages go through.</summary>
/// <param name="Name">By which subscriptions speak of it.</param>
/// <param name="Kind">One of <see cref="NotificationSettings.Kinds"/>.</param>
/// <param name="Options">Its settings, secrets put in.</param>
internal sealed record NotificationService(string Name, string Kind, YamlMap Options)
{
    /// <summary>An option as a text; empty when it is not there.</summary>
    public string Text(string name) => Options[name] is YamlScalar { IsNull: false } scalar ? scalar.Text : "";

    public override string ToString() => $"{Kind} {Name}";
}

/// <summary>When a trigger fires and what it sends.</summary>
/// <param name="When">The condition.</param>
/// <param name="Send">Names of templates.</param>
/// <param name="OncePer">Fires once for each value of this; without it once each time that the condition begins to hold.</param>
internal sealed record TriggerRule(TriggerExpression When, IReadOnlyList<string> Send, TriggerExpression? OncePer);

/// <summary>Who is told of what by default, whatever applications say.</summary>
/// <param name="Recipients">Each as <c>SERVICE:RECIPIENT</c>.</param>
/// <param name="Triggers">The triggers.</param>
/// <param name="Selector">Labels that an application must have.</param>
internal sealed record DefaultSubscription(IReadOnlyList<string> Recipients, IReadOnlyList<string> Triggers, IReadOnlyList<(string Name, string Value)> Selector);

/// <summary>The settings of notifications, in Argo CD's own form: ConfigMap <c>argocd-notifications-cm</c> and Secret <c>argocd-notifications-secret</c>. What is
/// not written there is as in the built-in catalogue.</summary>
internal sealed partial class NotificationSettings
{
    /// <summary>The name of the ConfigMap.</summary>
    public const string ConfigMapName = "argocd-notifications-cm";

    /// <summary>The name of the Secret.</summary>
    public const string SecretName = "argocd-notifications-secret";

    /// <summary>The kinds of services.</summary>
    public static readonly IReadOnlyList<string> Kinds = ["slack", "teams", "webhook", "email", "commit-status"];

    private readonly List<string> _problems = [];

    public Dictionary<string, NotificationService> Services { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, IReadOnlyList<TriggerRule>> Triggers { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, YamlMap> Templates { get; } = new(StringComparer.Ordinal);

    public List<DefaultSubscription> Subscriptions { get; } = [];

    /// <summary>The triggers of a subscription that names none.</summary>
    public IReadOnlyList<string> DefaultTriggers { get; private set; } = [];

    /// <summary>What templates find as <c>.context</c>.</summary>
    public YamlMap Context { get; private set; } = YamlMap.Empty;

    /// <summary>What is wrong with what was written; the rest holds.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>Reads them. What cannot be read is a problem, and left out.</summary>
    public static NotificationSettings Read(KubernetesObject? map, KubernetesObject? secret)
    {
        var settings = new NotificationSettings();
        foreach (var (name, text) in NotificationCatalog.Triggers) settings.ReadTrigger(name, text);
        foreach (var (name, text) in NotificationCatalog.Templates) settings.ReadTemplate(name, text);
        var secrets = (secret?.Body["data"] as YamlMap ?? YamlMap.Empty).ToDictionary(e => e.Key, e => Decode(e.Value.AsString()), StringComparer.Ordinal);
        foreach (var (key, value) in map?.Body["data"] as YamlMap ?? YamlMap.Empty) settings.ReadKey(key, value.AsString() ?? "", secrets);
        return settings;
    }

    private void ReadKey(string key, string text, Dictionary<string, string> secrets)
    {
        if (key.StartsWith("service.", StringComparison.Ordinal)) ReadService(key["service.".Length..], text, secrets);
        else if (key.StartsWith("trigger.", StringComparison.Ordinal)) ReadTrigger(key["trigger.".Length..], text);
        else if (key.StartsWith("template.", StringComparison.Ordinal)) ReadTemplate(key["template.".Length..], text);
        else if (key == "defaultTriggers") DefaultTriggers = [.. (Tree(key, text) as YamlList ?? YamlList.Empty).Select(t => t.AsString() ?? "")];
        else if (key == "context") Context = Tree(key, text) as YamlMap ?? YamlMap.Empty;
        else if (key == "subscriptions") ReadSubscriptions(Tree(key, text) as YamlList ?? YamlList.Empty);
        else _problems.Add($"{key}: is not known; there are service.…, trigger.…, template.…, defaultTriggers, context and subscriptions");
    }

    // service.KIND or service.KIND.NAME.
    private void ReadService(string key, string text, Dictionary<string, string> secrets)
    {
        var dot = key.IndexOf('.', StringComparison.Ordinal);
        var (kind, name) = dot < 0 ? (key, key) : (key[..dot], key[(dot + 1)..]);
        if (!Kinds.Contains(kind))
        {
            _problems.Add($"service.{key}: \"{kind}\" is no kind of service that Capstan has; there are {string.Join(", ", Kinds)}");
            return;
        }
        if (Tree($"service.{key}", text) is not YamlMap map) return;
        Services[name] = new NotificationService(name, kind, (YamlMap)WithSecrets(map, secrets, 0));
    }

    private void ReadTrigger(string name, string text)
    {
        var rules = new List<TriggerRule>();
        foreach (var (rule, index) in (Tree($"trigger.{name}", text) as YamlList ?? YamlList.Empty).OfType<YamlMap>().Select((r, i) => (r, i)))
        {
            try
            {
                var once = rule["oncePer"]?.AsString();
                rules.Add(new TriggerRule(TriggerExpression.Parse(rule["when"]?.AsString() ?? ""), [.. (rule["send"] as YamlList ?? YamlList.Empty).Select(s => s.AsString() ?? "")],
                    once is null ? null : TriggerExpression.Parse(once)));
            }
            catch (FormatException e)
            {
                _problems.Add($"trigger.{name}[{index}]: {e.Message}");
            }
        }
        Triggers[name] = rules;
    }

    private void ReadTemplate(string name, string text)
    {
        if (Tree($"template.{name}", text) is YamlMap map) Templates[name] = map;
    }

    private void ReadSubscriptions(YamlList list)
    {
        foreach (var map in list.OfType<YamlMap>())
        {
            IReadOnlyList<string> Texts(string field) => [.. (map[field] as YamlList ?? YamlList.Empty).Select(t => t.AsString() ?? "")];
            var selector = new List<(string, string)>();
            foreach (var part in (map["selector"]?.AsString() ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                var equals = part.Split('=', 2, StringSplitOptions.TrimEntries);
                if (equals.Length == 2) selector.Add((equals[0], equals[1].TrimStart('=')));
                else _problems.Add($"subscriptions: selector {part}: only NAME=VALUE is known");
            }
            Subscriptions.Add(new DefaultSubscription(Texts("recipients"), Texts("triggers"), selector));
        }
    }

    private YamlNode? Tree(string key, string text)
    {
        try
        {
            return YamlText.ReadOne(text);
        }
        catch (YamlException e)
        {
            _problems.Add($"{key}: {e.Message}");
            return null;
        }
    }

    // $NAME in any text of a service is the value of that name in the Secret, where there is one.
    private static YamlNode WithSecrets(YamlNode node, Dictionary<string, string> secrets, int depth)
    {
        if (depth > 20) return node;
        return node switch
        {
            YamlMap map => YamlMap.Of([.. map.Select(e => (e.Key, WithSecrets(e.Value, secrets, depth + 1)))]),
            YamlList list => new YamlList(list.Select(i => WithSecrets(i, secrets, depth + 1))),
            YamlScalar { IsNull: false } scalar when scalar.Text.Contains('$', StringComparison.Ordinal) =>
                YamlScalar.String(Reference().Replace(scalar.Text, m => secrets.GetValueOrDefault(m.Groups[1].Value) ?? m.Value)),
            _ => node,
        };
    }

    private static string Decode(string? base64)
    {
        var bytes = new byte[base64?.Length ?? 0];
        return base64 is not null && Convert.TryFromBase64String(base64, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length).TrimEnd('\r', '\n') : "";
    }

    [GeneratedRegex(@"\$([-A-Za-z0-9_]+)", RegexOptions.NonBacktracking)]
    private static partial Regex Reference();
}
