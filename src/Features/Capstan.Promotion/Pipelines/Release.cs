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

/// <summary>What one run built from one commit (kind <c>Release</c>); it never changes.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Pipeline">The pipeline that it is for.</param>
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

    /// <summary>Reads one.</summary>
    /// <exception cref="PromotionException">It cannot be used.</exception>
    public static Release Read(KubernetesObject @object)
    {
        var spec = @object.Spec;
        var images = (spec["images"]?.AsList() ?? YamlList.Empty).Select((image, i) => ReadImage(@object, image.AsMap() ?? YamlMap.Empty, i)).ToList();
        if (images.Count == 0) throw new PromotionException($"{@object.Key}: spec.images: is empty; a release names the images that it is made of");
        var created = DateTimeOffset.TryParse(@object.Metadata["creationTimestamp"]?.AsString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : DateTimeOffset.MinValue;
        if (spec["createdAt"]?.AsString() is { } stated && DateTimeOffset.TryParse(stated, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var exact)) created = exact;
        return new Release(@object.Name, Text(@object, "pipeline"), Text(@object, "commit"), images, created)
        {
            Repository = spec["repository"]?.AsString(),
            Run = spec["run"]?.AsString(),
        };
    }

    private static string Text(KubernetesObject @object, string field) =>
        @object.Spec[field]?.AsString() is { Length: > 0 } text ? text : throw new PromotionException($"{@object.Key}: spec.{field}: is missing");

    private static ReleaseImage ReadImage(KubernetesObject @object, YamlMap image, int index)
    {
        var text = image["image"]?.AsString() ?? "";
        if (!ImageReference.TryParse(text, out var reference) || reference.Digest is not Digest) throw new PromotionException($"{@object.Key}: spec.images[{index}].image: \"{text}\" is no image with a digest");
        return new ReleaseImage(image["name"]?.AsString() ?? $"{reference.Registry}/{reference.Name}", reference);
    }
}
