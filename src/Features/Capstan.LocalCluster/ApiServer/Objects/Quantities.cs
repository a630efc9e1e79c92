using System.Text.RegularExpressions;

namespace Capstan.LocalCluster.ApiServer.Objects;

/// <summary>Quantities as resource requests have them: <c>100m</c>, <c>1Gi</c>, <c>2e3</c>.</summary>
internal static partial class Quantities
{
    public static bool IsValid(string text) => Shape().IsMatch(text);

    // apimachinery, pkg/api/resource: the grammar in the doc comment of Quantity.
    [GeneratedRegex(@"\A[+-]?([0-9]+|[0-9]+\.[0-9]*|\.[0-9]+)([KMGTPE]i|n|u|m|k|M|G|T|P|E|[eE][+-]?[0-9]+)?\z")]
    private static partial Regex Shape();
}
