using Capstan.Kustomize.Spec;

namespace Capstan.Kustomize.Edits;

/// <summary>Reads images as <c>kustomize edit set image</c> takes them.</summary>
internal static class ImageArgument
{
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

    // The last colon after the last slash begins the tag: a registry may have a port.
    private static (string Name, string Tag, string Digest) Split(string image)
    {
        var at = image.IndexOf('@', StringComparison.Ordinal);
        var (rest, digest) = at < 0 ? (image, "") : (image[..at], image[(at + 1)..]);
        var colon = rest.LastIndexOf(':');
        return colon > rest.LastIndexOf('/') ? (rest[..colon], rest[(colon + 1)..], digest) : (rest, "", digest);
    }
}
