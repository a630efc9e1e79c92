using System.Globalization;
using Capstan.Oci.Content;
using Capstan.Oci.References;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Promotion.Pipelines;

/// <summary>An image of a release.</summary>
/// <param name="Name">The name by which manifests speak of it.</param>
/// <param name="Reference">Where it is, always with its digest.</param>
public sealed record ReleaseImage(string Name, ImageReference Reference)
{
    /// <summary>Registry and repository.</summary>
    public string Repository => $"{Reference.Registry}/{Reference.Name}";
}

/// <summary>A job of the run that a release is of.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Conclusion">How it ended.</param>
public sealed record ReleaseCheck(string Name, string Conclusion);

/// <summary>What came of the tests of a run.</summary>
public sealed record ReleaseTests(int Passed, int Failed, int Skipped);

/// <summary>What one run built from one commit (kind <c>Release</c>); it never changes.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Pipeline">The pipeline that it is for; empty for those that follow its repository.</param>
/// <param name="Commit">The source commit.</param>
/// <param name="Images">Its images, by digest.</param>
/// <param name="CreatedAt">When it was made: its rank.</param>
public sealed record Release(string Name, string Pipeline, string Commit, IReadOnlyList<ReleaseImage> Images, DateTimeOffset CreatedAt)
{
    /// <summary>The API group of Capstan's own kinds.</summary>
    public static readonly GroupKind Kind = new("capstan.dev", "Release");

    /// <summary>The repository of the source commit, if known.</summary>
    public string? Repository { get; init; }

    /// <summary>The run that built it, if known.</summary>
    public string? Run { get; init; }

    /// <summary>The branch or tag that was pushed, if known.</summary>
    public string? Ref { get; init; }

    /// <summary>What the commit says in its first line, if known.</summary>
    public string? Title { get; init; }

    /// <summary>The workflow's file, if known.</summary>
    public string? Workflow { get; init; }

    /// <summary>Who pushed, if known.</summary>
    public string? Actor { get; init; }

    /// <summary>What was checked before it was made: the jobs of the run.</summary>
    public IReadOnlyList<ReleaseCheck> Checks { get; init; } = [];

    /// <summary>The tests that the run reported; null for none.</summary>
    public ReleaseTests? Tests { get; init; }

    /// <summary>Whether it goes through a pipeline: one that it names, or that follows its repository.</summary>
    public bool IsFor(PipelineSpec pipeline) => Pipeline.Length > 0 ? Pipeline == pipeline.Name : Repository is { } repository && repository == pipeline.Repository;

    /// <summary>The object.</summary>
    public KubernetesObject Write(string space)
    {
        var spec = new YamlMapBuilder();
        var texts = new[]
        {
            ("pipeline", Pipeline.Length > 0 ? Pipeline : null), ("repository", Repository), ("commit", Commit), ("ref", Ref), ("title", Title), ("run", Run), ("workflow", Workflow), ("actor", Actor),
            ("createdAt", CreatedAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)),
        };
        foreach (var (name, value) in texts)
        {
            if (value is not null) spec.Set(name, YamlScalar.String(value));
        }

        spec.Set("images", new YamlList(Images.Select(i => YamlMap.Of(("name", i.Name), ("image", i.Reference.ToString())))));
        spec.Set("checks", new YamlList(Checks.Select(c => YamlMap.Of(("name", c.Name), ("conclusion", c.Conclusion)))));
        if (Tests is { } tests) spec.Set("tests", YamlMap.Of(("passed", (long)tests.Passed), ("failed", (long)tests.Failed), ("skipped", (long)tests.Skipped)));
        return new KubernetesObject(YamlMap.Of(("apiVersion", "capstan.dev/v1alpha1"), ("kind", Kind.Kind), ("metadata", YamlMap.Of(("name", Name), ("namespace", space))), ("spec", spec.ToMap())));
    }

    /// <summary>Reads one.</summary>
    /// <exception cref="PromotionException">It cannot be used.</exception>
    public static Release Read(KubernetesObject @object)
    {
        var spec = @object.Spec;
        var images = (spec["images"]?.AsList() ?? YamlList.Empty).Select((image, i) => ReadImage(@object, image.AsMap() ?? YamlMap.Empty, i)).ToList();
        if (images.Count == 0) throw new PromotionException($"{@object.Key}: spec.images: is empty; a release names the images that it is made of");
        var created = DateTimeOffset.TryParse(@object.Metadata["creationTimestamp"]?.AsString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : DateTimeOffset.MinValue;
        if (spec["createdAt"]?.AsString() is { } stated && DateTimeOffset.TryParse(stated, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var exact)) created = exact;
        var pipeline = spec["pipeline"]?.AsString() ?? "";
        if (pipeline.Length == 0) Text(@object, "repository");
        return new Release(@object.Name, pipeline, Text(@object, "commit"), images, created)
        {
            Repository = spec["repository"]?.AsString(),
            Run = spec["run"]?.AsString(),
            Ref = spec["ref"]?.AsString(),
            Title = spec["title"]?.AsString(),
            Workflow = spec["workflow"]?.AsString(),
            Actor = spec["actor"]?.AsString(),
            Checks = [.. (spec["checks"]?.AsList() ?? YamlList.Empty).OfType<YamlMap>().Select(c => new ReleaseCheck(c["name"]?.AsString() ?? "", c["conclusion"]?.AsString() ?? ""))],
            Tests = spec["tests"]?.AsMap() is { } tests ? new ReleaseTests(Number(tests, "passed"), Number(tests, "failed"), Number(tests, "skipped")) : null,
        };
    }

    private static int Number(YamlMap map, string field) => map[field] is YamlScalar scalar && scalar.TryGetInteger(out var number) ? (int)number : 0;

    private static string Text(KubernetesObject @object, string field) =>
        @object.Spec[field]?.AsString() is { Length: > 0 } text ? text : throw new PromotionException($"{@object.Key}: spec.{field}: is missing");

    private static ReleaseImage ReadImage(KubernetesObject @object, YamlMap image, int index)
    {
        var text = image["image"]?.AsString() ?? "";
        if (!ImageReference.TryParse(text, out var reference) || reference.Digest is not Digest) throw new PromotionException($"{@object.Key}: spec.images[{index}].image: \"{text}\" is no image with a digest");
        return new ReleaseImage(image["name"]?.AsString() ?? $"{reference.Registry}/{reference.Name}", reference);
    }
}
