using Capstan.GoTemplates;
using Capstan.Helm.Charts;
using Capstan.Helm.Data;
using Capstan.Yaml;

namespace Capstan.Helm.Values;

/// <summary>Joins the values that a request gives, in Helm's order: files, JSON, set, set-string, set-file, set-literal.</summary>
internal static class UserValues
{
    private static readonly (HelmSettingKind Kind, SetKind Parser, string Flag)[] Order =
    [
        (HelmSettingKind.Set, SetKind.Typed, "--set"),
        (HelmSettingKind.SetString, SetKind.Text, "--set-string"),
        (HelmSettingKind.SetFile, SetKind.File, "--set-file"),
        (HelmSettingKind.SetLiteral, SetKind.Literal, "--set-literal"),
    ];

    /// <exception cref="ChartException">A file or setting cannot be read.</exception>
    public static GoMap Read(HelmRenderRequest request)
    {
        var values = new GoMap();
        foreach (var file in request.ValuesFiles)
        {
            try
            {
                values = ValuesReader.Overlay(values, ValuesReader.Read(file.Content.Span));
            }
            catch (GoException error)
            {
                throw new ChartException($"failed to parse {file.Name}: {error.Message}", error);
            }
        }

        foreach (var setting in request.Settings.Where(static s => s.Kind == HelmSettingKind.Json))
        {
            values = Json(values, setting.Text);
        }

        foreach (var (kind, parser, flag) in Order)
        {
            foreach (var setting in request.Settings.Where(s => s.Kind == kind))
            {
                try
                {
                    SetParser.Apply(setting.Text, parser, values, name => ReadFile(request, name));
                }
                catch (GoException error)
                {
                    throw new ChartException($"failed parsing {flag} data: {error.Message}", error);
                }
            }
        }

        return values;
    }

    private static GoMap Json(GoMap values, string text)
    {
        if (!text.TrimStart().StartsWith('{'))
        {
            try
            {
                SetParser.Apply(text, SetKind.Json, values);
                return values;
            }
            catch (GoException error)
            {
                throw new ChartException($"failed parsing --set-json data {text}", error);
            }
        }

        try
        {
            return ValuesReader.Overlay(values, (GoMap)GoTree.ToValue(JsonText.Read(text.Trim()))!);
        }
        catch (YamlException error)
        {
            throw new ChartException($"failed parsing --set-json data JSON: {text}", error);
        }
    }

    private static string ReadFile(HelmRenderRequest request, string name) => request.ReadFile is { } read
        ? GoText.FromBytes(read(name).Span)
        : throw new GoException($"open {name}: files cannot be read here");
}
