using Capstan.GoTemplates;
using Capstan.Helm.Functions;
using Capstan.Yaml;

namespace Capstan.Delivery.ApplicationSets.Templating;

/// <summary>Go templates with sprig, and the functions <c>normalize</c> and <c>slugify</c> (Argo CD, GoTemplate.md).</summary>
internal sealed class GoSetTemplates : SetTemplates
{
    private static readonly TemplateLanguage Language = new(
    [
        .. Sprig.Functions,
        new GoFunction("normalize", [GoType.String], variadic: false, static (_, a) => SetNames.Normalize((string)a[0]!)),
        new GoFunction("slugify", [GoType.Any], variadic: true, static (_, a) => Slugify(a)),
    ]);

    private static readonly TemplateLimits Limits = TemplateLimits.Default with { MaxText = 4_000_000, MaxProduced = 100_000_000, MaxTime = TimeSpan.FromSeconds(20) };

    private readonly TemplateBudget _budget;
    private readonly MissingKey _missing;
    private (YamlMap Parameters, GoMap Values)? _last;

    public GoSetTemplates(IReadOnlyList<string> options, TimeProvider time, CancellationToken cancellation)
    {
        _budget = new TemplateBudget(Limits, time, cancellation);
        foreach (var option in options)
        {
            _missing = option switch
            {
                "missingkey=default" or "missingkey=invalid" => MissingKey.Invalid,
                "missingkey=zero" => MissingKey.Zero,
                "missingkey=error" => MissingKey.Error,
                _ => throw new SetException($"spec.goTemplateOptions: \"{option}\" is none; write missingkey=error, missingkey=zero or missingkey=default", SetConditions.InvalidSpec),
            };
        }
    }

    public override string Render(string text, YamlMap parameters)
    {
        if (!text.Contains("{{", StringComparison.Ordinal))
        {
            return text;
        }

        try
        {
            var templates = Language.NewSet("", _missing);
            templates.Add("", text);
            return templates.Execute("", Values(parameters), _budget);
        }
        catch (Exception error) when (error is TemplateException or TemplateLimitException)
        {
            throw new SetException($"failed to render \"{Short(text)}\": {error.Message}", SetConditions.NotRendered, inner: error);
        }
    }

    private GoMap Values(YamlMap parameters)
    {
        if (_last is { } known && ReferenceEquals(known.Parameters, parameters))
        {
            return known.Values;
        }

        var values = Sprig.Values(parameters);
        _last = (parameters, values);
        return values;
    }

    private static string Short(string text) => text.Length <= 200 ? text : text[..200] + "…";

    // slugify [MAX [SMART]] NAME
    private static string Slugify(object?[] arguments)
    {
        if (arguments.Length is 0 or > 3 || arguments[^1] is not string name)
        {
            throw new GoException("slugify wants a text, before it the longest length, and before the text whether words stay whole");
        }

        var most = 50;
        if (arguments.Length > 1)
        {
            most = GoValues.TryGetInteger(arguments[0], out var number) && number is > 0 and <= 253 ? (int)number : throw new GoException("slugify: the first argument is the longest length, from 1 to 253");
        }

        return SetNames.Slug(name, most, wholeWords: arguments.Length == 3 && arguments[1] is true);
    }
}
