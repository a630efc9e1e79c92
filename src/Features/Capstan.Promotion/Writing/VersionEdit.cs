using Capstan.Oci.References;
using Capstan.Promotion.Pipelines;
using Capstan.Yaml;

namespace Capstan.Promotion.Writing;

/// <summary>Writes a release's images into a file of a stage. Written twice it changes nothing more.</summary>
internal static class VersionEdit
{
    private const int DeepestManifest = 200;

    /// <exception cref="PromotionException">The file does not say where the version is.</exception>
    public static string Apply(string text, WriteTarget target, Release release)
    {
        YamlEdit edit;
        try
        {
            edit = new YamlEdit(text, target.Path);
        }
        catch (YamlException e)
        {
            throw new PromotionException($"{target.Path}: {e.Message}");
        }

        switch (target.Form)
        {
            case VersionForm.Kustomization:
                EditKustomization(edit, release);
                break;
            case VersionForm.Values:
                foreach (var key in target.Values) EditValue(edit, target.Path, key, release);
                break;
            default:
                EditManifests(edit, target.Path, release);
                break;
        }

        return edit.Finish();
    }

    // An entry of the images list gets what it has: a tag, a digest, a new name; where it has neither, a digest.
    private static void EditKustomization(YamlEdit edit, Release release)
    {
        var root = edit.Documents is [var only] ? only : YamlMap.Empty;
        var list = root["images"]?.AsList();
        var missing = new List<ReleaseImage>();
        foreach (var image in release.Images)
        {
            var entry = list?.OfType<YamlMap>().FirstOrDefault(e => e["name"]?.AsString() == image.Name);
            if (entry is null) missing.Add(image);
            else EditEntry(edit, entry, image);
        }

        if (missing.Count == 0) return;
        if (list is { Count: > 0 }) throw edit.Wrong(list[0].Position, $"the images list has no entry for {string.Join(", ", missing.Select(m => m.Name))}; add one with its name");
        edit.Append(["images:", .. missing.SelectMany(m => Entry(m))]);
    }

    private static IEnumerable<string> Entry(ReleaseImage image)
    {
        yield return $"  - name: {image.Name}";
        if (image.Repository != image.Name) yield return $"    newName: {image.Repository}";
        yield return $"    digest: {image.Reference.Digest}";
    }

    private static void EditEntry(YamlEdit edit, YamlMap entry, ReleaseImage image)
    {
        var name = entry.Entry("name")!.Value;
        if (entry["newName"] is YamlScalar newName) edit.Replace(newName, image.Repository);
        else if (image.Repository != image.Name) edit.InsertBelow(name.KeyPosition, name.KeyPosition.Column, $"newName: {image.Repository}");
        if (entry["digest"] is YamlScalar digest) edit.Replace(digest, image.Reference.Digest!.Value.ToString());
        else if (entry["newTag"] is not YamlScalar || image.Reference.Tag is null) edit.InsertBelow(name.KeyPosition, name.KeyPosition.Column, $"digest: {image.Reference.Digest}");
        if (entry["newTag"] is YamlScalar tag && image.Reference.Tag is { } released) edit.Replace(tag, released.Text);
    }

    private static void EditValue(YamlEdit edit, string path, ValueKey key, Release release)
    {
        var image = key.Image is null ? release.Images[0] : release.Images.FirstOrDefault(i => i.Name == key.Image) ?? throw new PromotionException($"{path}: {key.Key}: the release {release.Name} has no image {key.Image}");
        var value = (edit.Documents.Count > 0 ? edit.Documents[0].At(key.Key.Split('.')) : null) as YamlScalar
            ?? throw new PromotionException($"{path}: {key.Key}: is not there; add the key to the values file, so that it can be written in its place");
        edit.Replace(value, key.Part switch
        {
            "tag" => image.Reference.Tag?.Text ?? throw new PromotionException($"{path}: {key.Key}: the image {image.Name} of {release.Name} has no tag; write its digest instead"),
            "digest" => image.Reference.Digest!.Value.ToString(),
            "repository" => image.Repository,
            _ => image.Reference.ToString(),
        });
    }

    private static void EditManifests(YamlEdit edit, string path, Release release)
    {
        var found = new HashSet<string>();
        foreach (var document in edit.Documents) EditImages(edit, document, release, found, 0);
        var missing = release.Images.Where(i => !found.Contains(i.Name)).Select(i => i.Name).ToList();
        if (missing.Count > 0) throw new PromotionException($"{path}: names no image {string.Join(", ", missing)}");
    }

    private static void EditImages(YamlEdit edit, YamlNode node, Release release, HashSet<string> found, int depth)
    {
        if (depth > DeepestManifest) return;
        foreach (var inner in node.AsList() ?? YamlList.Empty) EditImages(edit, inner, release, found, depth + 1);
        foreach (var (key, value) in node.AsMap() ?? YamlMap.Empty)
        {
            if (key == "image" && value is YamlScalar scalar && ImageOf(scalar.Text, release) is { } image)
            {
                found.Add(image.Name);
                edit.Replace(scalar, image.Reference.ToString());
            }
            else EditImages(edit, value, release, found, depth + 1);
        }
    }

    private static ReleaseImage? ImageOf(string text, Release release) => release.Images.FirstOrDefault(i =>
        text == i.Name || text.StartsWith(i.Name + ":", StringComparison.Ordinal) || text.StartsWith(i.Name + "@", StringComparison.Ordinal)
        || (ImageReference.TryParse(text, out var reference) && $"{reference.Registry}/{reference.Name}" == i.Repository));
}
