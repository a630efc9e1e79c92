using Capstan.Oci.References;

namespace Capstan.Registry.Routing;

/// <summary>What a path beneath <c>/v2/</c> names.</summary>
internal enum RegistryTarget
{
    Base,
    Token,
    Catalog,
    Tags,
    Manifest,
    Blob,
    Uploads,
    Upload,
    Referrers,
}

/// <summary>
/// A path beneath <c>/v2/</c>, read from its end: a repository's name may itself hold <c>blobs</c> or <c>tags/list</c>, and the end is what tells.
/// </summary>
/// <param name="Target">What is named.</param>
/// <param name="Name">The repository; null where none is named.</param>
/// <param name="Reference">Tag, digest or upload; empty where none is named.</param>
internal sealed record RegistryRoute(RegistryTarget Target, ImageName? Name, string Reference)
{
    /// <summary>Reads what follows <c>/v2</c>; null when nothing is served there.</summary>
    /// <exception cref="RegistryException">The repository's name is none.</exception>
    public static RegistryRoute? Read(string path)
    {
        switch (path)
        {
            case "" or "/":
                return new RegistryRoute(RegistryTarget.Base, null, "");
            case "/token":
                return new RegistryRoute(RegistryTarget.Token, null, "");
            case "/_catalog":
                return new RegistryRoute(RegistryTarget.Catalog, null, "");
        }

        return path[1..].Split('/') switch
        {
            [.. { Length: > 0 } name, "tags", "list"] => At(RegistryTarget.Tags, name, ""),
            [.. { Length: > 0 } name, "manifests", { Length: > 0 } reference] => At(RegistryTarget.Manifest, name, reference),
            [.. { Length: > 0 } name, "referrers", { Length: > 0 } digest] => At(RegistryTarget.Referrers, name, digest),
            [.. { Length: > 0 } name, "blobs", "uploads", ""] => At(RegistryTarget.Uploads, name, ""),
            [.. { Length: > 0 } name, "blobs", "uploads"] => At(RegistryTarget.Uploads, name, ""),
            [.. { Length: > 0 } name, "blobs", "uploads", { Length: > 0 } upload] => At(RegistryTarget.Upload, name, upload),
            [.. { Length: > 0 } name, "blobs", { Length: > 0 } digest] => At(RegistryTarget.Blob, name, digest),
            _ => null,
        };
    }

    private static RegistryRoute At(RegistryTarget target, string[] name, string reference)
    {
        var text = string.Join('/', name);
        return ImageName.TryParse(text, out var read)
            ? new RegistryRoute(target, read, reference)
            : throw new RegistryException(400, Oci.Errors.RegistryErrorCode.NameInvalid, ImageName.WhyNot(text.Length > 300 ? text[..300] : text));
    }
}
