using Capstan.GoTemplates;
using Capstan.Helm.Data;
using Capstan.Helm.Rendering;
using static Capstan.Helm.Functions.FunctionTable;

namespace Capstan.Helm.Functions;

/// <summary>What Helm adds to the language: include, tpl, required, fail, lookup.</summary>
internal static class ChartFunctions
{
    /// <summary>Calls of one template inside itself before Helm gives up.</summary>
    private const int MostNestedIncludes = 1_000;

    /// <summary>Marks the text that is shown without the place where it was raised.</summary>
    internal const string WarnStart = "HELM_ERR_START";

    /// <summary>Ends what <see cref="WarnStart"/> begins.</summary>
    internal const string WarnEnd = "HELM_ERR_END";

    public static readonly GoFunction[] All =
    [
        Of("include", [GoType.String, GoType.Any], static (call, a) => Include(call, a.Text(0), a[1])),
        Of("tpl", [GoType.String, GoType.Any], static (call, a) => Tpl(call, a.Text(0), a[1])),
        Of("required", [GoType.String, GoType.Any], static (_, a) =>
            a[1] is null or "" ? throw new GoException(WarnStart + a.Text(0) + WarnEnd) : a[1]),
        Of("fail", [GoType.String], static (_, a) => throw new GoException(WarnStart + a.Text(0) + WarnEnd)),
        Of("lookup", [GoType.String, GoType.String, GoType.String, GoType.String], static (call, a) => Lookup(call, a)),
        Of("getHostByName", [GoType.String], static (_, _) => ""),
    ];

    private static string Include(TemplateCall call, string name, object? data)
    {
        var counts = ((RenderHost)call.Host!).Included;
        var depth = counts.GetValueOrDefault(name);
        if (depth > MostNestedIncludes)
        {
            throw new GoException(
                $"rendering template has a nested reference name: {name}: unable to execute template", new GoException("unable to execute template"));
        }

        counts[name] = depth + 1;
        try
        {
            return call.Include(name, data);
        }
        finally
        {
            counts[name] = depth;
        }
    }

    private static string Tpl(TemplateCall call, string text, object? data)
    {
        // Most texts that are expanded are plain values without any action in them.
        if (!text.Contains("{{", StringComparison.Ordinal))
        {
            return text.Replace("<no value>", "", StringComparison.Ordinal);
        }

        TemplateSet overlay;
        try
        {
            overlay = call.Overlay(text);
        }
        catch (TemplateException error)
        {
            throw new GoException($"cannot parse template {GoQuote.Quote(text)}: {error.Message}", error);
        }

        try
        {
            return overlay.ExecuteMain(call, data).Replace("<no value>", "", StringComparison.Ordinal);
        }
        catch (TemplateException error)
        {
            throw new GoException($"error during tpl function execution for {GoQuote.Quote(text)}: {error.Message}", error);
        }
    }

    private static GoMap Lookup(TemplateCall call, object?[] a)
    {
        var lookup = ((RenderHost)call.Host!).Lookup;
        return lookup?.Invoke(a.Text(0), a.Text(1), a.Text(2), a.Text(3)) is { } found ? GoTree.ToObject(found) : new GoMap();
    }
}
