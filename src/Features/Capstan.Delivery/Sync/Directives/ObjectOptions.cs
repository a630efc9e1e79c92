namespace Capstan.Delivery.Sync.Directives;

/// <summary>What may happen to an object that left the source, or whose Application is deleted.</summary>
public enum Removal
{
    /// <summary>What the Application says.</summary>
    AsAsked,

    /// <summary>It stays.</summary>
    Never,

    /// <summary>It goes when a person has agreed.</summary>
    Confirmed,
}

/// <summary>The sync options that one object sets for itself; null and <see cref="Removal.AsAsked"/> are what its Application says.</summary>
/// <param name="Prune">Whether it may be pruned.</param>
/// <param name="Delete">Whether it goes with its Application.</param>
/// <param name="PruneLast">Whether its pruning comes after everything else.</param>
/// <param name="Replace">Whether it is replaced as a whole instead of being applied.</param>
/// <param name="Force">Whether it is deleted and made anew where an immutable field stands in the way.</param>
/// <param name="ServerSideApply">Accepted for compatibility: every apply is server-side.</param>
/// <param name="Validate">Whether unknown fields are refused.</param>
/// <param name="SkipDryRunOnMissingResource">Whether it is left out of the dry run while its kind is not served.</param>
public sealed record ObjectOptions(
    Removal Prune = Removal.AsAsked,
    Removal Delete = Removal.AsAsked,
    bool? PruneLast = null,
    bool? Replace = null,
    bool? Force = null,
    bool? ServerSideApply = null,
    bool? Validate = null,
    bool? SkipDryRunOnMissingResource = null)
{
    /// <summary>Whether what other deliverers applied is taken over before the first apply.</summary>
    public bool? ClientSideApplyMigration { get; init; }

    /// <summary>Whether what other deliverers applied is taken over, with what the Application says.</summary>
    public bool Migrates(Applications.SyncOptions application) => ClientSideApplyMigration ?? application.ClientSideApplyMigration;

    /// <summary>Nothing is said.</summary>
    public static readonly ObjectOptions None = new();

    /// <summary>Reads the comma-separated options of an annotation; what is not understood becomes a warning.</summary>
    internal static ObjectOptions Read(string text, ICollection<string> warnings)
    {
        var options = None;
        foreach (var word in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = word.IndexOf('=');
            var (name, value) = equals < 0 ? (word, "") : (word[..equals], word[(equals + 1)..]);
            options = (name, value, Flag(value)) switch
            {
                ("Prune", "confirm", _) => options with { Prune = Removal.Confirmed },
                ("Prune", _, { } flag) => options with { Prune = flag ? Removal.AsAsked : Removal.Never },
                ("Delete", "confirm", _) => options with { Delete = Removal.Confirmed },
                ("Delete", _, { } flag) => options with { Delete = flag ? Removal.AsAsked : Removal.Never },
                ("PruneLast", _, { } flag) => options with { PruneLast = flag },
                ("Replace", _, { } flag) => options with { Replace = flag },
                ("Force", _, { } flag) => options with { Force = flag },
                ("ServerSideApply", _, { } flag) => options with { ServerSideApply = flag },
                ("Validate", _, { } flag) => options with { Validate = flag },
                ("SkipDryRunOnMissingResource", _, { } flag) => options with { SkipDryRunOnMissingResource = flag },
                ("ClientSideApplyMigration", _, { } flag) => options with { ClientSideApplyMigration = flag },
                _ => Unknown(options, word, warnings),
            };
        }

        return options;
    }

    private static ObjectOptions Unknown(ObjectOptions options, string word, ICollection<string> warnings)
    {
        warnings.Add($"annotation {ObjectDirectives.SyncOptions}: \"{ObjectDirectives.Cut(word)}\" is no sync option of an object; it is left out");
        return options;
    }

    private static bool? Flag(string value) => value switch { "true" => true, "false" => false, _ => null };
}
