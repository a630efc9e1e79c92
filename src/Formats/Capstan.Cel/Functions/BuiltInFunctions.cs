namespace Capstan.Cel.Functions;

/// <summary>The language's own functions, and those that Kubernetes adds (https://kubernetes.io/docs/reference/using-api/cel/) but for quantities, which come from outside.</summary>
internal static class BuiltInFunctions
{
    public static readonly IReadOnlyList<CelFunction> All =
    [
        .. OperatorFunctions.All, .. ConversionFunctions.All, .. TextFunctions.All, .. FormatFunctions.All, .. PatternFunctions.All, .. ListFunctions.All, .. SetFunctions.All,
        .. TimeFunctions.All, .. OptionalFunctions.All, .. UrlFunctions.All, .. AddressFunctions.All, .. VersionFunctions.All, .. NameFunctions.All,
    ];
}
