using Capstan.LocalCluster.ApiServer.Catalog;
using Capstan.LocalCluster.ApiServer.Objects;

namespace Capstan.LocalCluster.ApiServer.Operations;

/// <summary>What <c>fieldValidation</c> asks to do with fields that the kind does not have, and with keys written twice.</summary>
internal enum FieldValidation
{
    Warn,
    Ignore,
    Strict,
}

/// <summary>How a write is done.</summary>
internal sealed record WriteOptions
{
    /// <summary>Who owns the fields that are written.</summary>
    public string FieldManager { get; init; } = "capstan-local-cluster";

    /// <summary>Whether an apply takes over fields of other managers.</summary>
    public bool Force { get; init; }

    /// <summary>The status is written along with the rest. Only the cluster's own controllers and nodes may; requests never carry it.</summary>
    public bool WithStatus { get; init; }

    /// <summary>Everything is checked and answered, nothing is written.</summary>
    public bool DryRun { get; init; }

    public FieldValidation FieldValidation { get; init; }

    /// <summary>Who asks; null for the cluster's own controllers, which may do what they do.</summary>
    public Access.UserInfo? User { get; init; }

    /// <summary>Sentences for the caller that do not stop the write; the answer carries them as Warning headers.</summary>
    public List<string> Warnings { get; } = [];
}

/// <summary>How a deletion is done.</summary>
internal sealed record DeleteOptions
{
    public long? GracePeriodSeconds { get; init; }

    /// <summary><c>Background</c>, <c>Foreground</c> or <c>Orphan</c>; null for what the kind does by itself.</summary>
    public string? PropagationPolicy { get; init; }

    public string? Uid { get; init; }

    public string? ResourceVersion { get; init; }

    public bool DryRun { get; init; }

    /// <summary>Who asks; null for the cluster's own controllers.</summary>
    public Access.UserInfo? User { get; init; }
}

/// <summary>Which objects a list or watch is about.</summary>
internal sealed record ListOptions
{
    public LabelSelector Labels { get; init; } = LabelSelector.Everything;

    public FieldSelector Fields { get; init; } = FieldSelector.Everything;

    /// <summary>Objects in one answer at most; 0 for all.</summary>
    public long Limit { get; init; }

    public string Continue { get; init; } = "";

    public string ResourceVersion { get; init; } = "";

    public string ResourceVersionMatch { get; init; } = "";

    public bool AllowBookmarks { get; init; }

    /// <summary>Whether a watch begins with what is there; null for what its resource version says.</summary>
    public bool? SendInitialEvents { get; init; }

    public TimeSpan? Timeout { get; init; }
}

/// <summary>Which object, collection or subresource a request is about.</summary>
/// <param name="Resource">The resource.</param>
/// <param name="Version">The version that the caller speaks.</param>
/// <param name="Namespace">The namespace; empty for cluster-scoped resources, and for lists over all namespaces.</param>
/// <param name="Name">The name; empty for collections.</param>
/// <param name="Subresource"><c>status</c>, <c>scale</c> …; empty for the object itself.</param>
internal sealed record Target(ServedResource Resource, string Version, string Namespace, string Name, string Subresource = "")
{
    public Storage.StoreKey Key => Resource.Key(Namespace, Name);

    public string ApiVersion => Resource.ApiVersion(Version);
}
