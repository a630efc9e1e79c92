using System.Text.Json.Serialization;

namespace Capstan.Api.Images;

/// <summary>A repository of the registry.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Tags">How many tags it has.</param>
/// <param name="Bytes">The bytes of its blobs, shared ones too.</param>
public sealed record ImageRepository(string Name, int Tags, long Bytes);

/// <summary>Repositories of the registry, by name.</summary>
/// <param name="Items">Those of this page.</param>
/// <param name="Next">The cursor of the next page; absent on the last.</param>
public sealed record ImageRepositoryList(IReadOnlyList<ImageRepository> Items, string? Next = null);

/// <summary>A tag.</summary>
/// <param name="Tag">Its name.</param>
/// <param name="Digest">What it points at.</param>
/// <param name="Bytes">The bytes of what it points at; absent when that is gone.</param>
/// <param name="PushedAt">When it was last pushed or counted on.</param>
/// <param name="UsedBy">The applications that run it.</param>
public sealed record ImageTag(string Tag, string Digest, long? Bytes, string? PushedAt, IReadOnlyList<string> UsedBy);

/// <summary>The tags of a repository, those pushed last first.</summary>
/// <param name="Name">The repository.</param>
/// <param name="Items">The tags of this page.</param>
/// <param name="Next">The cursor of the next page; absent on the last.</param>
public sealed record ImageTagList(string Name, IReadOnlyList<ImageTag> Items, string? Next = null);

/// <summary>A manifest with what belongs to it.</summary>
/// <param name="Name">The repository.</param>
/// <param name="Digest">Its digest.</param>
/// <param name="MediaType">What it is.</param>
/// <param name="ArtifactType">What kind of artifact, where it is one.</param>
/// <param name="Bytes">The bytes of all that it is made of.</param>
/// <param name="Tags">The tags that point at it.</param>
/// <param name="CreatedAt">When the image was made, as it says.</param>
/// <param name="Platform">The system that it is for.</param>
/// <param name="Parts">What it is made of: configuration, layers, or the manifests of an index.</param>
/// <param name="Referrers">What refers to it: signatures, provenance.</param>
/// <param name="Annotations">Its annotations and labels.</param>
/// <param name="Signature"><c>trusted</c>: by this installation's key; <c>untrusted</c>: by another; <c>none</c>.</param>
/// <param name="Provenance">Where it comes from, where that is signed.</param>
/// <param name="UsedBy">The applications that run it.</param>
/// <param name="Releases">The releases that name it.</param>
public sealed record ImageDetails(
    string Name, string Digest, string MediaType, string? ArtifactType, long Bytes, IReadOnlyList<string> Tags, string? CreatedAt, string? Platform, IReadOnlyList<ImagePart> Parts,
    IReadOnlyList<ImagePart> Referrers, IReadOnlyDictionary<string, string> Annotations, string Signature, ImageProvenance? Provenance, IReadOnlyList<string> UsedBy, IReadOnlyList<string> Releases);

/// <summary>A part of an image, or what refers to it.</summary>
/// <param name="Digest">Its digest.</param>
/// <param name="MediaType">What it is.</param>
/// <param name="Bytes">Its bytes.</param>
/// <param name="Note">The platform, the artifact's type, or the step of the build that made it.</param>
public sealed record ImagePart(string Digest, string MediaType, long Bytes, string? Note = null);

/// <summary>Where an image comes from, as its signed provenance says.</summary>
/// <param name="Repository">The repository.</param>
/// <param name="Commit">The commit.</param>
/// <param name="Workflow">The workflow's file.</param>
/// <param name="Run">The run.</param>
/// <param name="Builder">What built it.</param>
public sealed record ImageProvenance(string Repository, string Commit, string Workflow, string Run, string Builder);

/// <summary>JSON of what is said about images.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ImageRepositoryList))]
[JsonSerializable(typeof(ImageTagList))]
[JsonSerializable(typeof(ImageDetails))]
public sealed partial class ImagesJson : JsonSerializerContext;
