using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Capstan.Yaml;

namespace Capstan.Kubernetes;

/// <summary>Reads the errors that API servers and the proxies before them answer.</summary>
internal static partial class WireErrors
{
    private const int LongestMessage = 8 * 1024;

    /// <summary>The error of an answer.</summary>
    public static KubernetesException From(WireRequest request, HttpStatusCode status, ReadOnlySpan<byte> body, TimeSpan? retryAfter)
    {
        if (Parse(body) is { } parsed && parsed["kind"]?.AsString() == "Status")
        {
            return From(request, status, parsed, retryAfter);
        }

        return new KubernetesException(request.What, status, status.ToString(), Clean(request, Encoding.UTF8.GetString(body[..Math.Min(body.Length, 512)])))
        {
            RetryAfter = retryAfter,
        };
    }

    /// <summary>The error of a Status object, which also a watch delivers.</summary>
    public static KubernetesException From(WireRequest request, HttpStatusCode fallback, YamlMap status, TimeSpan? retryAfter)
    {
        var code = (status["code"] as YamlScalar)?.TryGetInteger(out var number) == true && number is >= 100 and < 600 ? (HttpStatusCode)number : fallback;
        var details = status["details"] as YamlMap;
        var seconds = (details?["retryAfterSeconds"] as YamlScalar)?.TryGetInteger(out var asked) == true ? asked : 0;
        return new KubernetesException(request.What, code, status["reason"]?.AsString() ?? code.ToString(), Clean(request, status["message"]?.AsString() ?? ""))
        {
            RetryAfter = retryAfter ?? (seconds > 0 ? TimeSpan.FromSeconds(Math.Min(seconds, 3600)) : null),
            Causes = [.. (details?["causes"] as YamlList ?? YamlList.Empty).OfType<YamlMap>().Take(100).Select(cause => new StatusCause(
                cause["field"]?.AsString() ?? "",
                cause["reason"]?.AsString() ?? "",
                Clean(request, cause["message"]?.AsString() ?? "")))],
        };
    }

    private static YamlMap? Parse(ReadOnlySpan<byte> body)
    {
        try
        {
            return body.Length is > 0 and < 1024 * 1024 ? JsonText.Read(body, WireJson.Limits) as YamlMap : null;
        }
        catch (YamlException)
        {
            // Not the API server's own words, a proxy's say: the caller shows the beginning of the text.
            return null;
        }
    }

    // What a server cannot decode it quotes in part or in whole, and validation quotes the offending value: of a Secret neither is shown.
    private static string Clean(WireRequest request, string message)
    {
        if (!request.Path.Contains("/secrets", StringComparison.Ordinal))
        {
            return Cut(message);
        }

        var quoted = message.AsSpan().IndexOfAny('{', '|');
        var shown = quoted < 0 ? message : $"{message[..quoted]}… (the rest may hold the secret and is not shown)";
        return Cut(QuotedValue().Replace(shown, "$1\"…\""));
    }

    private static string Cut(string text) => text.Length <= LongestMessage ? text.Trim() : text[..LongestMessage].Trim() + "…";

    [GeneratedRegex("""((?:Invalid|Unsupported|Duplicate) value: )(?:"(?:[^"\\]|\\.)*"|[^:,]*)""", RegexOptions.NonBacktracking)]
    private static partial Regex QuotedValue();
}
