using System.Buffers;
using System.Text.RegularExpressions;

namespace Capstan.LocalCluster.ApiServer.Objects;

/// <summary>Kubernetes' rules for names and labels (apimachinery, util/validation), with its words. Null means fine.</summary>
internal static partial class NameRules
{
    private const string SubdomainWords =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric " +
        "character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

    private const string LabelWords =
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric " +
        "character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

    private const string Label1035Words =
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric " +
        "character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";

    private const string QualifiedWords =
        "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or " +
        "'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

    private const string ValueWords =
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric " +
        "character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

    private static readonly SearchValues<char> PathBreakers = SearchValues.Create("/%");

    public static string? Subdomain(string text) => text.Length > 253 ? "must be no more than 253 characters" : SubdomainShape().IsMatch(text) ? null : SubdomainWords;

    public static string? Label(string text) => text.Length > 63 ? "must be no more than 63 characters" : LabelShape().IsMatch(text) ? null : LabelWords;

    public static string? Label1035(string text) => text.Length > 63 ? "must be no more than 63 characters" : Label1035Shape().IsMatch(text) ? null : Label1035Words;

    /// <summary>A name that only has to be safe as a part of a path (roles, bindings).</summary>
    public static string? PathSegment(string text) => text is "." or ".." ? $"may not be '{text}'"
        : text.AsSpan().ContainsAny(PathBreakers) ? "may not contain '/' or '%'" : null;

    public static string? LabelValue(string text) => text.Length > 63 ? "must be no more than 63 characters" : ValueShape().IsMatch(text) ? null : ValueWords;

    public static string? QualifiedName(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0 && Subdomain(text[..slash]) is { } prefix)
        {
            return $"prefix part {prefix}";
        }

        var name = text[(slash + 1)..];
        return name.Length == 0 ? "name part must be non-empty"
            : name.Length > 63 ? "name part must be no more than 63 characters"
            : QualifiedShape().IsMatch(name) ? null : QualifiedWords;
    }

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z")]
    private static partial Regex SubdomainShape();

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex LabelShape();

    [GeneratedRegex(@"\A[a-z]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex Label1035Shape();

    [GeneratedRegex(@"\A([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]\z")]
    private static partial Regex QualifiedShape();

    [GeneratedRegex(@"\A(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?\z")]
    private static partial Regex ValueShape();
}
