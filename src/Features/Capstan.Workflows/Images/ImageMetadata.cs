using System.Text.RegularExpressions;

namespace Capstan.Workflows.Images;

/// <summary>What <c>docker/metadata-action</c> makes of a run: the tags of an image, by its rules.</summary>
internal static partial class ImageMetadata
{
    private const int ShortSha = 7;
    private static readonly TimeSpan MatchLimit = TimeSpan.FromSeconds(1);
    private static readonly string[] Standard = ["type=schedule", "type=ref,event=branch", "type=ref,event=tag", "type=ref,event=pr"];

    /// <exception cref="WorkflowException">A rule is none.</exception>
    public static MetadataResult Of(MetadataInput input)
    {
        var flavor = input.Flavor.SelectMany(TagRule.Pairs).ToDictionary(p => p.Key, p => p.Value, StringComparer.Ordinal);
        var (prefix, suffix) = (flavor.GetValueOrDefault("prefix") ?? "", flavor.GetValueOrDefault("suffix") ?? "");
        var found = new List<(string Tag, int Priority)>();
        var latest = flavor.GetValueOrDefault("latest") == "true";
        foreach (var rule in (input.Rules.Count > 0 ? input.Rules : Standard).Select(TagRule.Parse))
        {
            if (Fill(rule.Of("enable", "true"), input, rule) != "true" || Tag(rule, input) is not var (tag, movesLatest) || tag.Length == 0) continue;
            var whole = $"{rule.Of("prefix", rule.Type == "sha" ? "sha-" : prefix)}{tag}{rule.Of("suffix", suffix)}";
            found.Add((Clean(whole), rule.Priority));
            latest |= movesLatest && flavor.GetValueOrDefault("latest") is null or "auto";
        }

        var tags = found.OrderByDescending(t => t.Priority).Select(t => t.Tag).Distinct().ToList();
        var version = tags.FirstOrDefault() ?? "";
        if (latest && flavor.GetValueOrDefault("latest") != "false" && !tags.Contains("latest")) tags.Add("latest");
        return new MetadataResult(version, tags, [.. input.Images.SelectMany(image => tags.Select(tag => $"{image}:{tag}"))]);
    }

    // The tag of a rule, and whether `latest` moves with it; null where the rule has nothing to say of this event.
    private static (string Tag, bool MovesLatest)? Tag(TagRule rule, MetadataInput input) => rule.Type switch
    {
        "schedule" => input.Event == "schedule" ? (Fill(rule.Of("pattern", "nightly"), input, rule), false) : null,
        "raw" => (Fill(rule.Of("value"), input, rule), false),
        "sha" => (rule.Of("format", "short") == "long" ? input.Sha : input.Sha[..Math.Min(ShortSha, input.Sha.Length)], false),
        "edge" => input.Branch is { } branch && branch == rule.Of("branch", input.DefaultBranch) ? ("edge", false) : null,
        "ref" => rule.Of("event") switch
        {
            "branch" => input.Branch is { } branch ? (branch, false) : null,
            "tag" => input.GitTag is { } tag ? (tag, true) : null,
            "pr" => input.Ref.Split('/') is ["refs", "pull", var number, ..] ? ($"pr-{number}", false) : null,
            var other => throw new WorkflowException($"tags: '{rule.Text}': the event '{other}' is none of branch, tag, pr"),
        },
        "semver" => Version(rule, input),
        _ => Match(rule, input),
    };

    private static (string, bool)? Version(TagRule rule, MetadataInput input)
    {
        var text = rule.Of("value") is { Length: > 0 } given ? Fill(given, input, rule) : input.GitTag;
        if (text is null || SemVer().Match(text) is not { Success: true } version) return null;
        var isFinal = !version.Groups["pre"].Success;
        // Of a version that is none yet, no shorter tag is moved.
        var pattern = isFinal || rule.Of("pattern").Contains("raw", StringComparison.Ordinal) ? rule.Of("pattern", "{{version}}") : "{{version}}";
        var tag = Template().Replace(pattern, m => m.Groups["name"].Value switch
        {
            "raw" => text,
            "version" => version.Groups["version"].Value,
            "major" or "minor" or "patch" => version.Groups[m.Groups["name"].Value].Value,
            var other => throw new WorkflowException($"tags: '{rule.Text}': '{other}' is none of raw, version, major, minor, patch"),
        });
        return (tag, isFinal);
    }

    private static (string, bool)? Match(TagRule rule, MetadataInput input)
    {
        var text = rule.Of("value") is { Length: > 0 } given ? Fill(given, input, rule) : input.GitTag;
        if (text is null) return null;
        try
        {
            var group = int.TryParse(rule.Of("group", "0"), out var number) ? number : 0;
            return Regex.Match(text, rule.Of("pattern"), RegexOptions.None, MatchLimit) is { Success: true } match ? (match.Groups[group].Value, true) : null;
        }
        catch (Exception wrong) when (wrong is ArgumentException or RegexMatchTimeoutException)
        {
            throw new WorkflowException($"tags: '{rule.Text}': the pattern cannot be used: {wrong.Message}", wrong);
        }
    }

    private static string Fill(string text, MetadataInput input, TagRule rule) => Template().Replace(text, m => m.Groups["name"].Value switch
    {
        "branch" => input.Branch ?? "",
        "tag" => input.GitTag ?? "",
        "sha" => input.Sha[..Math.Min(ShortSha, input.Sha.Length)],
        "is_default_branch" => input.Branch == input.DefaultBranch ? "true" : "false",
        "is_not_default_branch" => input.Branch == input.DefaultBranch ? "false" : "true",
        var other => throw new WorkflowException($"tags: '{rule.Text}': '{other}' is none of branch, tag, sha, is_default_branch, is_not_default_branch"),
    });

    // What a tag must not hold becomes a dash, as the action does it.
    private static string Clean(string tag)
    {
        var clean = Forbidden().Replace(tag, "-").TrimStart('-', '.');
        return clean.Length > 128 ? clean[..128] : clean;
    }

    [GeneratedRegex(@"\{\{\s*(?<name>[a-z_]+)\s*\}\}", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Template();

    [GeneratedRegex(@"[^A-Za-z0-9._-]+", RegexOptions.None, 1_000)]
    private static partial Regex Forbidden();

    [GeneratedRegex(@"^v?(?<version>(?<major>\d+)\.(?<minor>\d+)\.(?<patch>\d+)(-(?<pre>[0-9A-Za-z.-]+))?)(\+[0-9A-Za-z.-]+)?$", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex SemVer();
}
