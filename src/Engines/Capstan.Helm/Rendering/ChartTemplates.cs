using System.Runtime.CompilerServices;
using Capstan.GoTemplates;
using Capstan.Helm.Charts;
using Capstan.Helm.Values;

namespace Capstan.Helm.Rendering;

/// <summary>Executes the templates of a chart and its subcharts (Helm, engine.go).</summary>
internal sealed class ChartTemplates(
    TemplateLanguage language, HelmRenderRequest request, Capabilities capabilities, CancellationToken cancellation)
{
    // By the list of the outermost chart's templates, which all copies of a loaded chart share; forgotten with it.
    private static readonly ConditionalWeakTable<IReadOnlyList<ChartFile>, ParsedChart> ParsedCharts = [];

    private readonly Dictionary<string, Renderable> _templates = new(StringComparer.Ordinal);

    /// <summary>Where a template lies, from the folder of the outermost chart; empty for what no template is.</summary>
    public string PathOf(string name) => _templates.TryGetValue(name, out var template) ? template.File.Source : "";

    /// <summary>For each template with output where its lines came from; empty unless the request asks for it.</summary>
    public Dictionary<string, IReadOnlyList<TemplateLine>> Lines { get; } = new(StringComparer.Ordinal);

    /// <summary>A template's path, and the names of its charts below the outermost one, as values name them.</summary>
    public (string Path, string Prefix) PlaceOf(string name)
    {
        var parts = name.Split('/');
        var charts = parts.Index().Where(p => p.Index >= 2 && p.Index % 2 == 0 && parts[p.Index - 1] == "charts").Select(p => p.Item);
        return (PathOf(name), string.Join('.', charts));
    }

    /// <summary>The output of every template that is no partial.</summary>
    /// <exception cref="ChartException">A template does not parse or fails.</exception>
    public List<(string File, string Content)> Execute(Chart chart, GoMap values)
    {
        Collect(chart, Release(), null, values);
        var order = _templates.Keys.ToArray();
        Array.Sort(order, static (a, b) =>
        {
            // Deeper and later ones first, so that higher templates replace what lower ones define.
            var depth = b.AsSpan().Count('/') - a.AsSpan().Count('/');
            return depth != 0 ? depth : GoText.Compare(b, a);
        });
        return Execute(Parsed(chart.Templates, order), order);
    }

    // The applications of one chart differ in values, seldom in which templates there are.
    private TemplateSet Parsed(IReadOnlyList<ChartFile> chart, string[] order)
    {
        var files = Array.ConvertAll(order, name => _templates[name].File);
        if (ParsedCharts.TryGetValue(chart, out var known) && known.Language == language && known.Holds(order, files))
        {
            return known.Set;
        }

        var set = language.NewSet("gotpl", MissingKey.Zero);
        for (var i = 0; i < order.Length; i++)
        {
            try
            {
                set.Add(order[i], files[i].Text);
            }
            catch (TemplateException error)
            {
                throw new ChartException(ErrorText.OfParsing(order[i], error.Message), error);
            }
        }

        ParsedCharts.AddOrUpdate(chart, new ParsedChart(language, set, order, files));
        return set;
    }

    private List<(string File, string Content)> Execute(TemplateSet set, string[] order)
    {
        var budget = new TemplateBudget(request.Limits, request.Time, cancellation);
        var host = new RenderHost(request.Lookup);
        var rendered = new List<(string, string)>(order.Length);
        foreach (var name in order)
        {
            if (name[(name.LastIndexOf('/') + 1)..].StartsWith('_'))
            {
                continue;
            }

            var (_, top, basePath) = _templates[name];
            top["Template"] = new ChartValues { ["Name"] = name, ["BasePath"] = basePath };
            try
            {
                var trace = request.SourceMap ? new TemplateTrace() : null;
                var text = set.Execute(name, top, budget, host, trace);
                if (trace is not null)
                {
                    Lines[name] = trace.Lines;
                }

                rendered.Add((name, text.Replace("<no value>", "", StringComparison.Ordinal)));
            }
            catch (TemplateException error)
            {
                throw new ChartException(ErrorText.OfExecution(name, error), error);
            }
        }

        return rendered;
    }

    private GoMap Release() => new()
    {
        ["Name"] = request.ReleaseName,
        ["Namespace"] = request.Namespace,
        ["IsUpgrade"] = GoValues.Bool(request.IsUpgrade),
        ["IsInstall"] = GoValues.Bool(!request.IsUpgrade),
        ["Revision"] = GoValues.Int(1),
        ["Service"] = "Helm",
    };

    private ChartValues Collect(Chart chart, GoMap release, GoMap? parentValues, GoMap? rootValues)
    {
        var subcharts = new GoMap();
        var own = parentValues is null ? rootValues! : ValuePath.Table(parentValues, chart.Name) ?? new GoMap();
        var top = new ChartValues
        {
            ["Chart"] = chart.Metadata.ToValue(isRoot: chart.Parent is null),
            ["Files"] = ChartFiles.Of(chart.Files, chart.FileRead),
            ["Release"] = release,
            ["Capabilities"] = capabilities,
            ["Values"] = new ChartValues(own),
            ["Subcharts"] = subcharts,
        };
        foreach (var child in chart.Dependencies)
        {
            subcharts[child.Name] = Collect(child, release, own, null);
        }

        foreach (var file in chart.Templates)
        {
            if (!chart.IsLibrary || file.Name[(file.Name.LastIndexOf('/') + 1)..].StartsWith('_'))
            {
                _templates[$"{chart.FullPath}/{file.Name}"] = new Renderable(file, top, $"{chart.FullPath}/templates");
            }
        }

        return top;
    }

    private sealed record Renderable(ChartFile File, GoMap Top, string BasePath);

    private sealed record ParsedChart(TemplateLanguage Language, TemplateSet Set, string[] Names, ChartFile[] Files)
    {
        public bool Holds(string[] names, ChartFile[] files) =>
            names.AsSpan().SequenceEqual(Names) && files.Length == Files.Length && files.Index().All(f => ReferenceEquals(f.Item, Files[f.Index]));
    }
}
