using Capstan.Api.Applications;
using Capstan.GoTemplates;
using Capstan.Helm.Functions;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Server.Notifications;

/// <summary>What is to be said: the parts of a template with everything put in.</summary>
/// <param name="Application">The application as an object, values of no interest to anybody left out.</param>
/// <param name="Triggers">The triggers that fired.</param>
/// <param name="Title">A line; empty where the template has none.</param>
/// <param name="Text">The message.</param>
/// <param name="Body">The rest of the template, each text rendered: what single kinds of services read.</param>
internal sealed record NotificationMessage(KubernetesObject Application, IReadOnlyList<string> Triggers, string Title, string Text, YamlMap Body)
{
    private static readonly TemplateLanguage Language = new(Sprig.Functions);
    private static readonly TemplateLimits Limits = TemplateLimits.Default with { MaxText = 200_000, MaxProduced = 5_000_000, MaxTime = TimeSpan.FromSeconds(5) };

    /// <summary>Puts a template's parts together.</summary>
    /// <param name="template">The template.</param>
    /// <param name="application">The application.</param>
    /// <param name="trigger">The trigger that fired.</param>
    /// <param name="why">Why it is not green.</param>
    /// <param name="context">What templates find as <c>.context</c>.</param>
    /// <param name="service">The service.</param>
    /// <param name="recipient">Who gets it.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="FormatException">The template fails; the message says where.</exception>
    public static NotificationMessage Of(
        YamlMap template, KubernetesObject application, string trigger, IReadOnlyList<WhyReason> why, YamlMap context, NotificationService service, string recipient, TimeProvider time, CancellationToken cancellation)
    {
        var values = Sprig.Values(YamlMap.Of(
            ("app", application.Body), ("context", context), ("serviceType", service.Kind), ("recipient", recipient), ("trigger", trigger),
            ("why", new YamlList(why.Select(w => YamlMap.Of(("what", w.What), ("cause", w.Cause), ("next", w.Next)))))));
        var budget = new TemplateBudget(Limits, time, cancellation);
        var rendered = (YamlMap)Render(template, values, budget, 0);
        return new NotificationMessage(application, [trigger], Field(rendered, "title"), Field(rendered, "message"), rendered);
    }

    /// <summary>One message of two about the same application to the same recipient.</summary>
    public NotificationMessage With(NotificationMessage other) => this with
    {
        Triggers = [.. Triggers, .. other.Triggers],
        Text = Text.Length == 0 ? other.Text : $"{Text}\n\n{other.Text}",
        Title = Title.Length == 0 ? other.Title : Title,
    };

    /// <summary>A part of the template that one kind of service reads.</summary>
    public YamlMap Part(string name) => Body[name] as YamlMap ?? YamlMap.Empty;

    /// <summary>A text of a map; empty when it is not there.</summary>
    public static string Field(YamlMap map, string name) => map[name] is YamlScalar { IsNull: false } scalar ? scalar.Text.Trim() : "";

    private static YamlNode Render(YamlNode node, GoMap values, TemplateBudget budget, int depth)
    {
        if (depth > 20) throw new FormatException("the template is nested too deeply");
        return node switch
        {
            YamlMap map => YamlMap.Of([.. map.Select(e => (e.Key, Render(e.Value, values, budget, depth + 1)))]),
            YamlList list => new YamlList(list.Select(i => Render(i, values, budget, depth + 1))),
            YamlScalar { IsNull: false } scalar when scalar.Text.Contains("{{", StringComparison.Ordinal) => YamlScalar.String(Execute(scalar.Text, values, budget)),
            _ => node,
        };
    }

    private static string Execute(string text, GoMap values, TemplateBudget budget)
    {
        try
        {
            var set = Language.NewSet("message", MissingKey.Zero);
            set.Add("message", text);
            return set.Execute("message", values, budget).Replace("<no value>", "", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is TemplateException or TemplateLimitException)
        {
            throw new FormatException(e.Message, e);
        }
    }
}
