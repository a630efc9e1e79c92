using System.Text;
using Capstan.GoTemplates;
using Capstan.Scalars;

namespace Capstan.Helm.Charts;

/// <summary>What Chart.yaml says of a person.</summary>
internal sealed record ChartMaintainer(string Name, string Email, string Url);

/// <summary>A chart that another one needs.</summary>
internal sealed class ChartDependency
{
    public string Name { get; set; } = "";

    public string Version { get; init; } = "";

    public string Repository { get; init; } = "";

    public string Condition { get; init; } = "";

    public IReadOnlyList<string> Tags { get; init; } = [];

    public bool Enabled { get; set; }

    /// <summary>Strings, or maps with <c>child</c> and <c>parent</c>.</summary>
    public GoList ImportValues { get; set; } = GoArray.Nil;

    public string Alias { get; init; } = "";

    public ChartDependency Copy() => (ChartDependency)MemberwiseClone();
}

/// <summary>The content of Chart.yaml (and requirements.yaml).</summary>
internal sealed class ChartMetadata
{
    public string Name { get; set; } = "";

    public string Home { get; set; } = "";

    public IReadOnlyList<string> Sources { get; set; } = [];

    public string Version { get; set; } = "";

    public string Description { get; set; } = "";

    public IReadOnlyList<string> Keywords { get; set; } = [];

    public IReadOnlyList<ChartMaintainer> Maintainers { get; set; } = [];

    public string Icon { get; set; } = "";

    public string ApiVersion { get; set; } = "";

    public string Condition { get; set; } = "";

    public string Tags { get; set; } = "";

    public string AppVersion { get; set; } = "";

    public bool Deprecated { get; set; }

    public GoMap? Annotations { get; set; }

    public string KubeVersion { get; set; } = "";

    /// <summary>Null when Chart.yaml names none.</summary>
    public IReadOnlyList<ChartDependency>? Dependencies { get; set; }

    public string Type { get; set; } = "";

    public ChartMetadata Copy()
    {
        var copy = (ChartMetadata)MemberwiseClone();
        copy.Dependencies = Dependencies?.Select(static d => d.Copy()).ToArray();
        return copy;
    }

    /// <summary>Checks what Helm checks.</summary>
    /// <exception cref="ChartException">Something is missing or not allowed.</exception>
    public void Validate()
    {
        Require(ApiVersion.Length > 0, "chart.metadata.apiVersion is required");
        Require(Name.Length > 0, "chart.metadata.name is required");
        Require(Name is not ("." or ".."), $"chart.metadata.name {GoQuote.Quote(Name)} is not allowed");
        Require(!Name.Contains('/', StringComparison.Ordinal), $"chart.metadata.name {GoQuote.Quote(Name)} is invalid");
        Require(Version.Length > 0, "chart.metadata.version is required");
        Require(SemanticVersion.TryParse(Version, out _), $"chart.metadata.version {GoQuote.Quote(Version)} is invalid");
        Require(Type is "" or "application" or "library", "chart.metadata.type must be application or library");
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var dependency in Dependencies ?? [])
        {
            Require(
                dependency.Alias.Length == 0 || IsAlias(dependency.Alias),
                $"dependency {GoQuote.Quote(dependency.Name)} has disallowed characters in the alias");
            var key = dependency.Alias.Length > 0 ? dependency.Alias : dependency.Name;
            Require(seen.Add(key), $"more than one dependency with name or alias {GoQuote.Quote(key)}");
        }
    }

    /// <summary>The metadata as templates see it: Go's field names.</summary>
    public GoMap ToValue(bool isRoot) => new()
    {
        ["Name"] = Name,
        ["Home"] = Home,
        ["Sources"] = new GoArray([.. Sources]),
        ["Version"] = Version,
        ["Description"] = Description,
        ["Keywords"] = new GoArray([.. Keywords]),
        ["Maintainers"] = new GoArray([.. Maintainers.Select(static m => new GoMap { ["Name"] = m.Name, ["Email"] = m.Email, ["URL"] = m.Url })]),
        ["Icon"] = Icon,
        ["APIVersion"] = ApiVersion,
        ["Condition"] = Condition,
        ["Tags"] = Tags,
        ["AppVersion"] = AppVersion,
        ["Deprecated"] = GoValues.Bool(Deprecated),
        ["Annotations"] = Annotations ?? new GoMap(GoType.MapOfString) { IsNil = true },
        ["KubeVersion"] = KubeVersion,
        ["Dependencies"] = new GoArray([.. (Dependencies ?? []).Select(static d => ToValue(d))]),
        ["Type"] = Type,
        ["IsRoot"] = GoValues.Bool(isRoot),
    };

    /// <summary>Spaces made plain and what cannot be printed left out.</summary>
    internal static string Clean(string text)
    {
        if (GoText.IsAscii(text) && text.AsSpan().IndexOfAnyExceptInRange(' ', '~') < 0)
        {
            return text;
        }

        var output = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsWhiteSpace(rune))
            {
                output.Append(' ');
            }
            else if (GoQuote.IsPrint(rune))
            {
                output.Append(rune.ToString());
            }
        }

        return output.ToString();
    }

    private static void Require(bool holds, string problem)
    {
        if (!holds)
        {
            throw new ChartException($"validation: {problem}");
        }
    }

    private static GoMap ToValue(ChartDependency dependency) => new()
    {
        ["Name"] = dependency.Name,
        ["Version"] = dependency.Version,
        ["Repository"] = dependency.Repository,
        ["Condition"] = dependency.Condition,
        ["Tags"] = new GoArray([.. dependency.Tags]),
        ["Enabled"] = GoValues.Bool(dependency.Enabled),
        ["ImportValues"] = dependency.ImportValues.IsNil ? new GoArray([]) : dependency.ImportValues,
        ["Alias"] = dependency.Alias,
    };

    private static bool IsAlias(string text) => text.Length > 0 && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');
}
