using System.Runtime.CompilerServices;

namespace Capstan.GoTemplates;

/// <summary>What a key that a map lacks evaluates to.</summary>
public enum MissingKey
{
    /// <summary>No value, printed as <c>&lt;no value&gt;</c> (Go's default).</summary>
    Invalid,

    /// <summary>The zero value of the map's elements (<c>missingkey=zero</c>).</summary>
    Zero,

    /// <summary>An error (<c>missingkey=error</c>).</summary>
    Error,
}

/// <summary>A named template.</summary>
internal sealed record Template(string Name, ListNode Root, int VariableCount);

/// <summary>Templates that can call one another by name. Not for use by several threads while templates are added.</summary>
public sealed class TemplateSet
{
    private readonly TemplateLanguage _language;
    private readonly TemplateSet? _parent;
    private readonly Dictionary<string, Template> _templates = new(StringComparer.Ordinal);
    private Template? _main;

    internal TemplateSet(TemplateLanguage language, string name, MissingKey missingKey, TemplateSet? parent)
    {
        _language = language;
        _parent = parent;
        Name = name;
        MissingKey = missingKey;
    }

    /// <summary>The name of the set, which appears in messages about templates that it lacks.</summary>
    public string Name { get; }

    /// <summary>What absent keys evaluate to.</summary>
    public MissingKey MissingKey { get; }

    /// <summary>Parses a text and adds it and what it defines; later definitions replace earlier ones unless they are empty.</summary>
    /// <exception cref="TemplateException">The text does not parse.</exception>
    public void Add(string name, string text)
    {
        foreach (var template in _language.Parse(name, text))
        {
            if (template.Root.IsEmpty && Find(template.Name) is not null)
            {
                continue;
            }

            _templates[template.Name] = template;
        }
    }

    /// <summary>Executes a template.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="data">The value of <c>.</c> and <c>$</c>.</param>
    /// <param name="budget">What it may use.</param>
    /// <param name="host">Handed to functions as <see cref="TemplateCall.Host"/>.</param>
    /// <param name="trace">Told where each line came from; null to keep nothing.</param>
    /// <exception cref="TemplateException">There is no such template, or it fails; in Go's words.</exception>
    /// <exception cref="TemplateLimitException">A limit was reached.</exception>
    public string Execute(string name, object? data, TemplateBudget budget, object? host = null, TemplateTrace? trace = null)
    {
        try
        {
            return ExecuteNested(name, data, new TemplateRun(budget, host, trace));
        }
        catch (InsufficientExecutionStackException)
        {
            throw new TemplateLimitException($"template: {name}: templates or values are nested too deep");
        }
    }

    internal string ExecuteNested(string name, object? data, TemplateRun run)
    {
        var template = Find(name)
            ?? throw new TemplateException($"template: no template {GoQuote.Quote(name)} associated with template {GoQuote.Quote(Name)}");
        return Run(template, data, run);
    }

    /// <summary>Executes the text of an overlay.</summary>
    /// <exception cref="TemplateException">It fails.</exception>
    public string ExecuteMain(TemplateCall from, object? data)
    {
        var output = Run(_main!, data, from.Run);

        // The text stands in no file: its lines come from where it is expanded.
        from.Run.Trace?.ForgetLast();
        return output;
    }

    /// <summary>A set that sees this one's templates and adds those of a text, under this set's name.</summary>
    /// <exception cref="TemplateException">The text does not parse.</exception>
    internal TemplateSet Overlay(string text)
    {
        var overlay = new TemplateSet(_language, Name, MissingKey, this);
        overlay.Add(Name, text);
        overlay._main = _language.Parse(Name, text)[^1];
        return overlay;
    }

    internal Template? Find(string name)
    {
        for (var set = this; set is not null; set = set._parent)
        {
            if (set._templates.TryGetValue(name, out var template))
            {
                return template;
            }
        }

        return null;
    }

    private string Run(Template template, object? data, TemplateRun run)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var output = run.Rent();
        var dot = data ?? NoValue.Instance;
        var dotPath = run.Trace?.DotPath;
        if (run.Trace is not null)
        {
            run.Trace.DotPath = null;
        }

        template.Root.Execute(new TemplateCall(this, template, run, output, dot, depth: 0), dot);
        if (run.Trace is not null)
        {
            run.Trace.DotPath = dotPath;
        }

        return run.Return(output);
    }
}
