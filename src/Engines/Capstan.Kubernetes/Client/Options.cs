namespace Capstan.Kubernetes;

/// <summary>What a server does with fields that it does not know or that are there twice.</summary>
public enum FieldValidation
{
    /// <summary>Nothing is asked for: the server's default.</summary>
    Default,

    /// <summary>Drops them silently.</summary>
    Ignore,

    /// <summary>Drops them with a warning.</summary>
    Warn,

    /// <summary>Refuses the object.</summary>
    Strict,
}

/// <summary>How a write is done.</summary>
public record WriteOptions
{
    /// <summary>Who writes: the manager in managedFields.</summary>
    public string FieldManager { get; init; } = "capstan";

    /// <summary>Whether everything is done but the writing.</summary>
    public bool DryRun { get; init; }

    /// <summary>What is done with unknown and duplicate fields.</summary>
    public FieldValidation FieldValidation { get; init; }
}

/// <summary>How a server-side apply is done.</summary>
public sealed record ApplyOptions : WriteOptions
{
    /// <summary>Whether fields that other managers own are taken over instead of being a conflict.</summary>
    public bool Force { get; init; }

    /// <summary>A subresource, as in <c>status</c>; empty for the object itself.</summary>
    public string Subresource { get; init; } = "";
}

/// <summary>What happens to the objects that an object owns.</summary>
public enum DeletePropagation
{
    /// <summary>The kind's default.</summary>
    Default,

    /// <summary>They are deleted afterwards.</summary>
    Background,

    /// <summary>They are deleted first.</summary>
    Foreground,

    /// <summary>They stay.</summary>
    Orphan,
}

/// <summary>How an object is deleted.</summary>
public sealed record DeleteOptions
{
    /// <summary>What happens to the objects it owns.</summary>
    public DeletePropagation Propagation { get; init; }

    /// <summary>Delete only the object with this uid, never a successor of the same name.</summary>
    public string? Uid { get; init; }

    /// <summary>Delete only this version of the object.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>Seconds that it gets to end; the kind's default when null.</summary>
    public int? GracePeriodSeconds { get; init; }

    /// <summary>Whether everything is done but the deleting.</summary>
    public bool DryRun { get; init; }
}

/// <summary>Which objects a list or watch is about.</summary>
public sealed record ListOptions
{
    /// <summary>The namespace; empty for all.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>A label selector; empty for all.</summary>
    public string LabelSelector { get; init; } = "";

    /// <summary>A field selector; empty for all.</summary>
    public string FieldSelector { get; init; } = "";

    /// <summary>Objects a page.</summary>
    public int PageSize { get; init; } = 500;
}

/// <summary>The language of a patch.</summary>
public enum PatchKind
{
    /// <summary>RFC 7386: <c>application/merge-patch+json</c>.</summary>
    Merge,

    /// <summary>RFC 6902: <c>application/json-patch+json</c>. Not repeated after a lost response, since it may not be idempotent.</summary>
    Json,

    /// <summary>Kubernetes' own: <c>application/strategic-merge-patch+json</c>; built-in kinds only.</summary>
    Strategic,
}

/// <summary>What a log is asked for.</summary>
public sealed record LogOptions
{
    /// <summary>The container; the only one when empty.</summary>
    public string Container { get; init; } = "";

    /// <summary>Whether new lines are waited for.</summary>
    public bool Follow { get; init; }

    /// <summary>Whether the log of the container's previous run is asked for.</summary>
    public bool Previous { get; init; }

    /// <summary>Whether each line begins with its time.</summary>
    public bool Timestamps { get; init; }

    /// <summary>How many of the last lines; all when null.</summary>
    public int? Tail { get; init; }

    /// <summary>Lines are cut at this many bytes.</summary>
    public int LongestLine { get; init; } = 64 * 1024;
}
