using System.Globalization;

namespace Capstan.Cel.Functions;

/// <summary>Kubernetes' library of URLs: an absolute URI or an absolute path.</summary>
internal static class UrlFunctions
{
    public static readonly IReadOnlyList<CelFunction> All =
    [
        CelFunction.Global("isURL", 1, (a, _) => a[0] is CelString text ? CelValue.Of(CelUrl.Parse(text.Value) is not null) : CelFault.NoOverload),
        CelFunction.Global("url", 1, (a, _) => a[0] is CelString text
            ? CelUrl.Parse(text.Value) ?? (CelValue)new CelFault($"URL parse error during conversion from string: parse \"{CelText.Show(text)}\": invalid URI for request")
            : CelFault.NoOverload),
        Part("getScheme", static url => CelValue.Of(url.Scheme)),
        Part("getHost", static url => CelValue.Of(url.Host)),
        Part("getHostname", static url => CelValue.Of(url.HostName)),
        Part("getPort", static url => CelValue.Of(url.Port)),
        Part("getEscapedPath", static url => CelValue.Of(url.Path)),
        Part("getQuery", static url => new CelTable(url.Query)),
    ];

    private static CelFunction Part(string name, Func<CelUrl, CelValue> part) => CelFunction.Method(name, 1, (a, _) => a[0] is CelUrl url ? part(url) : CelFault.NoOverload);
}

/// <summary>A URL, taken apart as Go's <c>url.ParseRequestURI</c> does.</summary>
internal sealed class CelUrl : CelObject
{
    private CelUrl(string text) => Text = text;

    public string Text { get; }

    public string Scheme { get; private init; } = "";

    public string Host { get; private init; } = "";

    public string Path { get; private init; } = "";

    public string RawQuery { get; private init; } = "";

    public override string TypeName => "kubernetes.URL";

    public string HostName => Host.StartsWith('[') ? Host[1..Math.Max(1, Host.IndexOf(']', StringComparison.Ordinal))] : Host.Split(':')[0];

    public string Port => Host.LastIndexOf(':') is > 0 and var colon && !Host.EndsWith(']') ? Host[(colon + 1)..] : "";

    public Dictionary<CelValue, CelValue> Query => RawQuery.Split('&', StringSplitOptions.RemoveEmptyEntries)
        .Select(pair => pair.Split('=', 2)).GroupBy(pair => Unescape(pair[0]))
        .ToDictionary(g => CelValue.Of(g.Key), g => CelValue.Of([.. g.Select(pair => CelValue.Of(Unescape(pair.Length > 1 ? pair[1] : "")))]));

    public static CelUrl? Parse(string text)
    {
        if (text.Length == 0 || text.Any(static c => c is < ' ' or (char)0x7f)) return null;
        if (text[0] == '/') return text.StartsWith("//", StringComparison.Ordinal) ? WithAuthority(text, "", text[2..]) : WithPath(text, "", "", text);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0 || !char.IsAsciiLetter(text[0]) || !text.AsSpan(0, colon).ToString().All(static c => char.IsAsciiLetterOrDigit(c) || c is '+' or '-' or '.')) return null;
        var (scheme, rest) = (text[..colon].ToLowerInvariant(), text[(colon + 1)..]);
        return rest.StartsWith("//", StringComparison.Ordinal) ? WithAuthority(text, scheme, rest[2..]) : rest.StartsWith('/') ? WithPath(text, scheme, "", rest) : null;
    }

    public override bool Same(CelObject other) => other is CelUrl url && url.Text == Text;

    public override int Hash() => Text.GetHashCode(StringComparison.Ordinal);

    private static CelUrl? WithAuthority(string text, string scheme, string rest)
    {
        var end = rest.IndexOfAny(['/', '?']);
        var authority = end < 0 ? rest : rest[..end];
        var host = authority[(authority.LastIndexOf('@') + 1)..];
        var port = host.LastIndexOf(':') is >= 0 and var colon && colon > host.LastIndexOf(']') ? host[(colon + 1)..] : "";
        var wellFormed = host.StartsWith('[') ? host.Contains(']', StringComparison.Ordinal) : host.Count(static c => c == ':') <= 1;
        return wellFormed && port.All(char.IsAsciiDigit) && !host.Contains(' ', StringComparison.Ordinal) && Escaped(host)
            ? WithPath(text, scheme, host, end < 0 ? "" : rest[end..]) : null;
    }

    private static CelUrl? WithPath(string text, string scheme, string host, string rest)
    {
        var mark = rest.IndexOf('?', StringComparison.Ordinal);
        var path = mark < 0 ? rest : rest[..mark];
        return Escaped(path) ? new CelUrl(text) { Scheme = scheme, Host = host, Path = path.Replace(" ", "%20", StringComparison.Ordinal), RawQuery = mark < 0 ? "" : rest[(mark + 1)..] } : null;
    }

    private static bool Escaped(string text)
    {
        for (var at = text.IndexOf('%', StringComparison.Ordinal); at >= 0; at = text.IndexOf('%', at + 1))
        {
            if (at + 2 >= text.Length || !byte.TryParse(text.AsSpan(at + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _)) return false;
        }

        return true;
    }

    private static string Unescape(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}
