namespace Capstan.Promotion.Pipelines;

/// <summary>What people wrote of a pipeline (kind <c>DeliveryPipeline</c>).</summary>
/// <param name="Name">Its name.</param>
/// <param name="Stages">Its stages, each after those that it follows.</param>
public sealed record PipelineSpec(string Name, IReadOnlyList<StageSpec> Stages)
{
    /// <summary>The repository whose releases go through it; null where each release names its pipeline.</summary>
    public string? Repository { get; init; }

    /// <summary>A stage by its name; null when there is none.</summary>
    public StageSpec? Find(string stage) => Stages.FirstOrDefault(s => s.Name == stage);
}

/// <summary>One stage.</summary>
/// <param name="Name">Its name.</param>
/// <param name="After">The stages in which a release must have been proven before; none for where releases begin.</param>
/// <param name="Applications">Its applications, each <c>NAMESPACE/NAME</c>.</param>
/// <param name="Target">Where the version is written.</param>
/// <param name="Gates">What must hold before a release enters.</param>
public sealed record StageSpec(string Name, IReadOnlyList<string> After, IReadOnlyList<string> Applications, WriteTarget Target, IReadOnlyList<Gate> Gates)
{
    /// <summary>How long a release must be healthy here to be proven.</summary>
    public TimeSpan Soak { get; init; }

    /// <summary>Whether releases enter by themselves; else each is asked for.</summary>
    public bool Automatic { get; init; } = true;

    /// <summary>Whether nothing enters for now.</summary>
    public bool Frozen { get; init; }
}

/// <summary>Where a stage's version is written.</summary>
/// <param name="Repository">The Git repository.</param>
/// <param name="Branch">The branch.</param>
/// <param name="Path">The file.</param>
/// <param name="Form">How the file tells a version.</param>
public sealed record WriteTarget(string Repository, string Branch, string Path, VersionForm Form)
{
    /// <summary>For Helm values: which keys get what.</summary>
    public IReadOnlyList<ValueKey> Values { get; init; } = [];
}

/// <summary>How a file tells the version of an image.</summary>
public enum VersionForm
{
    /// <summary>A kustomization's <c>images</c>.</summary>
    Kustomization,

    /// <summary>Keys of a values file.</summary>
    Values,

    /// <summary>The <c>image</c> fields of a manifest.</summary>
    Manifest,
}

/// <summary>A key of a values file.</summary>
/// <param name="Key">Its path, with dots.</param>
/// <param name="Image">The image's name in the release; the only one where none is given.</param>
/// <param name="Part">What of the image: <c>tag</c>, <c>digest</c>, <c>repository</c> or <c>reference</c>.</param>
public sealed record ValueKey(string Key, string? Image, string Part);

/// <summary>What must hold before a release enters a stage.</summary>
public abstract record Gate
{
    private Gate()
    {
    }

    /// <summary>The release was healthy in the stages before for so long.</summary>
    public sealed record Healthy(TimeSpan For) : Gate;

    /// <summary>So many people approved.</summary>
    public sealed record Approval(int Count) : Gate;

    /// <summary>The images are signed by the installation's key.</summary>
    public sealed record Signature : Gate;

    /// <summary>It is between two times of day (UTC) on one of these days of the week.</summary>
    public sealed record TimeWindow(IReadOnlySet<DayOfWeek> Days, TimeOnly From, TimeOnly To) : Gate;
}
