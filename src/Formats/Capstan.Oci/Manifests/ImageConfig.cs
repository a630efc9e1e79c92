using System.Text.Json.Serialization;

namespace Capstan.Oci.Manifests;

/// <summary>How an image is run and of which layers it is made (OCI image-spec, config.md, with Docker's additions).</summary>
public sealed record ImageConfig
{
    /// <summary>When it was made, RFC 3339.</summary>
    public string? Created { get; init; }

    /// <summary>Who made it.</summary>
    public string? Author { get; init; }

    /// <summary>The processor.</summary>
    public string Architecture { get; init => field = value ?? ""; } = "amd64";

    /// <summary>The processor's variant.</summary>
    public string? Variant { get; init; }

    /// <summary>The operating system.</summary>
    [JsonPropertyName("os")]
    public string System { get; init => field = value ?? ""; } = "linux";

    /// <summary>How it is run.</summary>
    public RunConfig? Config { get; init; }

    /// <summary>Its layers.</summary>
    [JsonPropertyName("rootfs")]
    public RootFileSystem RootFs { get; init => field = value ?? new(); } = new();

    /// <summary>How it came about.</summary>
    public IReadOnlyList<HistoryEntry>? History { get; init; }
}

/// <summary>The layers of an image.</summary>
public sealed record RootFileSystem
{
    /// <summary>Always <c>layers</c>.</summary>
    public string Type { get; init => field = value ?? "layers"; } = "layers";

    /// <summary>The digests of the layers, not compressed.</summary>
    [JsonPropertyName("diff_ids")]
    public IReadOnlyList<string> DiffIds { get; init => field = value ?? []; } = [];
}

/// <summary>One step of how an image came about.</summary>
public sealed record HistoryEntry
{
    /// <summary>When, RFC 3339.</summary>
    public string? Created { get; init; }

    /// <summary>By which instruction.</summary>
    [JsonPropertyName("created_by")]
    public string? CreatedBy { get; init; }

    /// <summary>A remark.</summary>
    public string? Comment { get; init; }

    /// <summary>Whether it made no layer.</summary>
    [JsonPropertyName("empty_layer")]
    public bool? EmptyLayer { get; init; }
}

/// <summary>How a container of an image is run. The names on the wire are in capitals, as Docker wrote them.</summary>
public sealed record RunConfig
{
    /// <summary>User, or user and group.</summary>
    [JsonPropertyName("User")]
    public string? User { get; init; }

    /// <summary>Ports such as <c>8080/tcp</c>.</summary>
    [JsonPropertyName("ExposedPorts")]
    public IReadOnlyDictionary<string, EmptyObject>? ExposedPorts { get; init; }

    /// <summary><c>NAME=value</c>.</summary>
    [JsonPropertyName("Env")]
    public IReadOnlyList<string>? Env { get; init; }

    /// <summary>What is run.</summary>
    [JsonPropertyName("Entrypoint")]
    public IReadOnlyList<string>? Entrypoint { get; init; }

    /// <summary>Its arguments, or what is run where there is no entry point.</summary>
    [JsonPropertyName("Cmd")]
    public IReadOnlyList<string>? Cmd { get; init; }

    /// <summary>Folders that are kept apart.</summary>
    [JsonPropertyName("Volumes")]
    public IReadOnlyDictionary<string, EmptyObject>? Volumes { get; init; }

    /// <summary>Where it is run.</summary>
    [JsonPropertyName("WorkingDir")]
    public string? WorkingDir { get; init; }

    /// <summary>Labels.</summary>
    [JsonPropertyName("Labels")]
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>The signal that stops it.</summary>
    [JsonPropertyName("StopSignal")]
    public string? StopSignal { get; init; }

    /// <summary>How its health is looked at (Docker's addition).</summary>
    [JsonPropertyName("Healthcheck")]
    public HealthCheck? HealthCheck { get; init; }

    /// <summary>The shell of the shell forms (Docker's addition).</summary>
    [JsonPropertyName("Shell")]
    public IReadOnlyList<string>? Shell { get; init; }

    /// <summary>Instructions for images built upon this one (Docker's addition).</summary>
    [JsonPropertyName("OnBuild")]
    public IReadOnlyList<string>? OnBuild { get; init; }
}

/// <summary>How a container's health is looked at; times in nanoseconds.</summary>
public sealed record HealthCheck
{
    /// <summary><c>NONE</c>, <c>CMD</c> and arguments, or <c>CMD-SHELL</c> and a line.</summary>
    [JsonPropertyName("Test")]
    public IReadOnlyList<string>? Test { get; init; }

    /// <summary>Time between two looks.</summary>
    [JsonPropertyName("Interval")]
    public long? Interval { get; init; }

    /// <summary>How long a look may take.</summary>
    [JsonPropertyName("Timeout")]
    public long? Timeout { get; init; }

    /// <summary>Time at the start in which failures do not count.</summary>
    [JsonPropertyName("StartPeriod")]
    public long? StartPeriod { get; init; }

    /// <summary>Time between two looks in that time.</summary>
    [JsonPropertyName("StartInterval")]
    public long? StartInterval { get; init; }

    /// <summary>How many failures make it unhealthy.</summary>
    [JsonPropertyName("Retries")]
    public int? Retries { get; init; }
}

/// <summary>An object without anything in it.</summary>
public sealed record EmptyObject;
