using Capstan.Kustomize.Spec;

namespace Capstan.Kustomize.Edits;

/// <summary>Reads images as <c>kustomize edit set image</c> takes them.</summary>
internal static class ImageArgument
{
    private const string Star = "*";

    /// <exception cref="KustomizeException">The text is no image.</exception>
    public static ImageSpec Parse(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        var (name, image) = equals < 0 ? ("", text) : (text[..equals], text[(equals + 1)..]);
        var (newName, tag, digest) = Split(image);
        if (newName.Length == 0 || (equals >= 0 && name.Length == 0) || (equals < 0 && tag.Length == 0 && digest.Length == 0))
        {
            throw new KustomizeException($"invalid format of image \"{text}\": write name=newName:tag, name=newName@digest, name:tag or name@digest");
        }

        return equals < 0 ? new ImageSpec(newName, "", tag, "", digest) : new ImageSpec(name, newName == name ? "" : newName, tag, "", digest);
    }

    /// <summary>An image over one of the same name that is there: a star keeps what that one says.</summary>
    public static ImageSpec Over(ImageSpec before, ImageSpec image) => image with
    {
        NewName = image.NewName == Star ? before.NewName : image.NewName,
        NewTag = image.NewTag == Star ? before.NewTag : image.NewTag,
        Digest = image.Digest == Star ? before.Digest : image.Digest,
    };

    /// <summary>A star that had nothing to keep says nothing.</summary>
    public static ImageSpec WithoutStars(ImageSpec image) => Over(new ImageSpec(image.Name, "", "", "", ""), image);

    // The last colon after the last slash begins the tag: a registry may have a port.
    private static (string Name, string Tag, string Digest) Split(string image)
    {
        var at = image.IndexOf('@', StringComparison.Ordinal);
        var (rest, digest) = at < 0 ? (image, "") : (image[..at], image[(at + 1)..]);
        var colon = rest.LastIndexOf(':');
        return colon > rest.LastIndexOf('/') ? (rest[..colon], rest[(colon + 1)..], digest) : (rest, "", digest);
    }
}
