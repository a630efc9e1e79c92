using System.Text;
using Capstan.Oci.Content;
using Capstan.Oci.References;

namespace Capstan.Registry.Storage;

/// <summary>The tags of repositories: one small file each, replaced in one step.</summary>
internal sealed class TagStore(RegistryFolders folders)
{
    /// <summary>What a tag points at; null when there is no such tag.</summary>
    public Digest? Find(ImageName name, Tag tag)
    {
        try
        {
            return Digest.TryParse(File.ReadAllText(folders.Tag(name, tag)), out var digest) ? digest : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    public void Write(ImageName name, Tag tag, Digest digest)
    {
        if (Find(name, tag) != digest) DurableFiles.Write(folders.Tag(name, tag), Encoding.ASCII.GetBytes(digest.ToString()), folders.Drafts);
    }

    public bool Delete(ImageName name, Tag tag) => DurableFiles.Remove(folders.Tag(name, tag));

    /// <summary>All tags, in ordinal order.</summary>
    public IReadOnlyList<Tag> List(ImageName name)
    {
        var folder = folders.Tags(name);
        if (!Directory.Exists(folder)) return [];
        var tags = new List<Tag>();
        foreach (var file in Directory.EnumerateFiles(folder))
        {
            if (Tag.TryParse(Path.GetFileName(file), out var tag)) tags.Add(tag);
        }

        tags.Sort((a, b) => string.CompareOrdinal(a.Text, b.Text));
        return tags;
    }

    /// <summary>Deletes all tags that point at a manifest.</summary>
    public void DeleteThatPointAt(ImageName name, Digest digest)
    {
        foreach (var tag in List(name))
        {
            if (Find(name, tag) == digest) Delete(name, tag);
        }
    }
}
