using System.Globalization;
using Capstan.Resources;

namespace Capstan.Delivery.Sync.Directives;

/// <summary>
/// What one object says of how it is synced, in annotations. Malformed ones never stop a sync: each becomes a warning, and the default counts.
/// </summary>
/// <param name="IsHook">Whether it is a hook. A hook is never applied as a plain object, also when its types are not understood.</param>
/// <param name="Hooks">When the hook runs.</param>
/// <param name="Deletion">When the hook's object is deleted.</param>
/// <param name="Wave">Its wave; lower ones come first (Argo CD, pkg/sync/syncwaves).</param>
/// <param name="Options">Its sync options.</param>
/// <param name="IgnoresHealth">Whether its health does not count for the Application.</param>
/// <param name="IgnoresExtraneous">Whether it does not make the Application OutOfSync when it left the source.</param>
/// <param name="Warnings">What was not understood.</param>
public sealed record ObjectDirectives(
    bool IsHook,
    HookTypes Hooks,
    HookDeletion Deletion,
    int Wave,
    ObjectOptions Options,
    bool IgnoresHealth,
    bool IgnoresExtraneous,
    IReadOnlyList<string> Warnings)
{
    /// <summary>Whether it is compared by asking the server; null for what its Application says.</summary>
    public bool? ServerSideDiff { get; init; }

    /// <summary>Whether what mutating webhooks do counts in a server-side comparison.</summary>
    public bool IncludesWebhooks { get; init; }

    /// <summary>A further manager whose fields are taken over before the first apply; empty for none.</summary>
    public string MigrationManager { get; init; } = "";

    internal const string SyncOptions = "argocd.argoproj.io/sync-options";
    private const string WaveAnnotation = "argocd.argoproj.io/sync-wave";
    private const string CompareOptions = "argocd.argoproj.io/compare-options";
    private const string IgnoreHealth = "argocd.argoproj.io/ignore-healthcheck";
    private const string Migration = "argocd.argoproj.io/client-side-apply-migration-manager";
    private const string HelmResourcePolicy = "helm.sh/resource-policy";

    /// <summary>An object that says nothing.</summary>
    public static readonly ObjectDirectives Plain = new(false, HookTypes.None, HookDeletion.None, 0, ObjectOptions.None, false, false, []);

    private static readonly string[] Known =
    [
        HookAnnotations.Hook, HookAnnotations.DeletePolicy, HookAnnotations.HelmHook, SyncOptions, WaveAnnotation, HookAnnotations.HelmWeight, CompareOptions,
        IgnoreHealth, HelmResourcePolicy, Migration,
    ];

    /// <summary>Reads the annotations of an object.</summary>
    public static ObjectDirectives Of(KubernetesObject @object)
    {
        if (@object.Annotations.Count == 0 || !Known.Any(k => @object.Annotations.ContainsKey(k)))
        {
            return Plain;
        }

        var warnings = new List<string>();
        var isHook = HookAnnotations.IsHook(@object);
        var options = ObjectOptions.Read(@object.Annotation(SyncOptions) ?? "", warnings);
        if (@object.Annotation(HelmResourcePolicy) == "keep" && options.Delete == Removal.AsAsked)
        {
            options = options with { Delete = Removal.Never };
        }

        return new ObjectDirectives(
            isHook,
            isHook ? HookAnnotations.TypesOf(@object, warnings) : HookTypes.None,
            isHook ? HookAnnotations.DeletionOf(@object, warnings) : HookDeletion.None,
            WaveOf(@object, warnings),
            options,
            @object.Annotation(IgnoreHealth) == "true",
            Has(@object.Annotation(CompareOptions), "IgnoreExtraneous"),
            warnings)
        {
            ServerSideDiff = Has(@object.Annotation(CompareOptions), "ServerSideDiff=true") ? true : Has(@object.Annotation(CompareOptions), "ServerSideDiff=false") ? false : null,
            IncludesWebhooks = Has(@object.Annotation(CompareOptions), "IncludeMutationWebhook=true"),
            MigrationManager = @object.Annotation(Migration) ?? "",
        };
    }

    /// <summary>A word of somebody else's, short enough for a message.</summary>
    internal static string Cut(string text) => text.Length <= 60 ? text : text[..60] + "…";

    private static int WaveOf(KubernetesObject @object, List<string> warnings)
    {
        foreach (var annotation in (ReadOnlySpan<string>)[WaveAnnotation, HookAnnotations.HelmWeight])
        {
            if (@object.Annotation(annotation) is not { } text)
            {
                continue;
            }

            if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var wave))
            {
                return wave;
            }

            warnings.Add($"annotation {annotation}: \"{Cut(text)}\" is no integer between {int.MinValue} and {int.MaxValue}; it is left out");
        }

        return 0;
    }

    private static bool Has(string? options, string option) =>
        options is not null && options.Split(',', StringSplitOptions.TrimEntries).Any(o => o == option);
}
