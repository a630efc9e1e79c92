using System.Text.RegularExpressions;

namespace Capstan.Cel.Functions;

/// <summary>Kubernetes' library of named formats: <c>format.dns1123Label().validate(x)</c> gives what is wrong, or nothing.</summary>
internal static partial class NameFunctions
{
    private const int LongestLabel = 63;
    private const int LongestSubdomain = 253;

    private static readonly CelFormat[] Formats =
    [
        new("dns1123Label", LongestLabel, Label(), "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character"),
        new("dns1123Subdomain", LongestSubdomain, Subdomain(), "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character"),
        new("dns1035Label", LongestLabel, OlderLabel(), "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character"),
        new("dns1123LabelPrefix", LongestLabel, LabelPrefix(), "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-'"),
        new("dns1123SubdomainPrefix", LongestSubdomain, SubdomainPrefix(), "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.'"),
        new("dns1035LabelPrefix", LongestLabel, OlderLabelPrefix(), "a DNS-1035 label must consist of lower case alphanumeric characters or '-', and start with an alphabetic character"),
        new("qualifiedName", LongestSubdomain + 1 + LongestLabel, QualifiedName(), "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"),
        new("labelValue", LongestLabel, LabelValue(), "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"),
        new("uri", int.MaxValue, null, "must be a URI"),
        new("uuid", int.MaxValue, Uuid(), "does not match the UUID format"),
        new("byte", int.MaxValue, Base64(), "invalid base64"),
        new("date", int.MaxValue, Date(), "invalid date"),
        new("datetime", int.MaxValue, null, "invalid datetime"),
    ];

    public static readonly IReadOnlyList<CelFunction> All =
    [
        .. Formats.Select(f => CelFunction.Global($"format.{f.Name}", 0, (_, _) => f)),
        CelFunction.Global("format.named", 1, (a, _) => a[0] is CelString name
            ? Formats.FirstOrDefault(f => f.Name == name.Value) is { } format ? CelOptional.Some(format) : CelOptional.None
            : CelFault.NoOverload),
        CelFunction.Method("validate", 2, (a, meter) => a is [CelFormat format, CelString text] ? Validate(format, text.Value, meter) : CelFault.NoOverload),
    ];

    private static CelOptional Validate(CelFormat format, string text, CelMeter meter)
    {
        meter.SpendText(text.Length);
        var problem = text.Length > format.Longest ? FormattableString.Invariant($"must be no more than {format.Longest} characters") : format.Fits(text) ? null : format.Problem;
        return problem is null ? CelOptional.None : CelOptional.Some(CelValue.Of([CelValue.Of(problem)]));
    }

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]*[a-z0-9])?\z", RegexOptions.NonBacktracking)]
    private static partial Regex Label();

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z", RegexOptions.NonBacktracking)]
    private static partial Regex Subdomain();

    [GeneratedRegex(@"\A[a-z]([-a-z0-9]*[a-z0-9])?\z", RegexOptions.NonBacktracking)]
    private static partial Regex OlderLabel();

    [GeneratedRegex(@"\A[a-z0-9][-a-z0-9]*\z", RegexOptions.NonBacktracking)]
    private static partial Regex LabelPrefix();

    [GeneratedRegex(@"\A[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*[-.]?\z", RegexOptions.NonBacktracking)]
    private static partial Regex SubdomainPrefix();

    [GeneratedRegex(@"\A[a-z][-a-z0-9]*\z", RegexOptions.NonBacktracking)]
    private static partial Regex OlderLabelPrefix();

    [GeneratedRegex(@"\A([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?\z", RegexOptions.NonBacktracking)]
    private static partial Regex QualifiedName();

    [GeneratedRegex(@"\A([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?\z", RegexOptions.NonBacktracking)]
    private static partial Regex LabelValue();

    [GeneratedRegex(@"\A[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}\z", RegexOptions.NonBacktracking)]
    private static partial Regex Uuid();

    [GeneratedRegex(@"\A([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?\z", RegexOptions.NonBacktracking)]
    private static partial Regex Base64();

    [GeneratedRegex(@"\A\d{4}-\d{2}-\d{2}\z", RegexOptions.NonBacktracking)]
    private static partial Regex Date();
}

/// <summary>A named format.</summary>
internal sealed class CelFormat(string name, int longest, Regex? shape, string problem) : CelObject
{
    public string Name => name;

    public int Longest => longest;

    public string Problem => problem;

    public override string TypeName => "kubernetes.NamedFormat";

    public bool Fits(string text) => shape?.IsMatch(text) ?? (name == "uri" ? CelUrl.Parse(text) is not null : TimeFunctions.ParseTime(text) is not null);

    public override bool Same(CelObject other) => other is CelFormat format && format.Name == name;

    public override int Hash() => name.GetHashCode(StringComparison.Ordinal);
}
