using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text.Json;

namespace Capstan.Containers.Images;

/// <summary>What an image made here consists of.</summary>
public sealed record ImageContent
{
    /// <summary>Its name with tag.</summary>
    public required string Name { get; init; }

    /// <summary>The architecture of its programs, in OCI's words.</summary>
    public required string Architecture { get; init; }

    /// <summary>Its one layer: a tar archive.</summary>
    public required byte[] Layer { get; init; }

    /// <summary>Its program.</summary>
    public IReadOnlyList<string> Entrypoint { get; init; } = [];

    /// <summary>Its arguments.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Its variables, each as <c>NAME=value</c>.</summary>
    public IReadOnlyList<string> Environment { get; init; } = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"];

    /// <summary>Its user; empty for root.</summary>
    public string User { get; init; } = "";

    /// <summary>Its working folder; empty for <c>/</c>.</summary>
    public string WorkingFolder { get; init; } = "";

    /// <summary>Its labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();
}

/// <summary>Writes a small image as the archive that every engine loads (that of <c>docker save</c>). The same content gives the same bytes.</summary>
public static class ImageArchive
{
    /// <summary>The archive, for <see cref="EngineImages.LoadAsync"/>.</summary>
    public static byte[] Write(ImageContent image)
    {
        var layerDigest = Convert.ToHexStringLower(SHA256.HashData(image.Layer));
        var config = Config(image, layerDigest);
        var configName = Convert.ToHexStringLower(SHA256.HashData(config)) + ".json";
        var layerName = layerDigest + "/layer.tar";
        return Tar([(configName, config), (layerName, image.Layer), ("manifest.json", Manifest(image.Name, configName, layerName))]);
    }

    /// <summary>A tar archive of files with their modes, owned by root, without a date.</summary>
    public static byte[] Layer(params ReadOnlySpan<(string Path, byte[] Content, UnixFileMode Mode)> files)
    {
        var buffer = new MemoryStream();
        using (var tar = new TarWriter(buffer, TarEntryFormat.Ustar, leaveOpen: true))
        {
            foreach (var (path, content, mode) in files)
            {
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, path) { DataStream = new MemoryStream(content), Mode = mode, ModificationTime = DateTimeOffset.UnixEpoch });
            }
        }

        return buffer.ToArray();
    }

    private static byte[] Tar(ReadOnlySpan<(string Path, byte[] Content)> files)
    {
        var entries = new (string, byte[], UnixFileMode)[files.Length];
        for (var i = 0; i < files.Length; i++)
        {
            entries[i] = (files[i].Path, files[i].Content, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        }

        return Layer(entries);
    }

    private static byte[] Config(ImageContent image, string layerDigest) => Json(json =>
    {
        json.WriteString("architecture", image.Architecture);
        json.WriteString("os", "linux");
        json.WriteString("created", "1970-01-01T00:00:00Z");
        json.WriteStartObject("config");
        WriteList(json, "Env", image.Environment);
        WriteList(json, "Entrypoint", image.Entrypoint);
        WriteList(json, "Cmd", image.Arguments);
        json.WriteString("User", image.User);
        json.WriteString("WorkingDir", image.WorkingFolder);
        json.WriteStartObject("Labels");
        foreach (var (name, value) in image.Labels)
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteStartObject("rootfs");
        json.WriteString("type", "layers");
        WriteList(json, "diff_ids", ["sha256:" + layerDigest]);
        json.WriteEndObject();
        // Builders refuse to build on an image whose history does not tell of each layer.
        json.WriteStartArray("history");
        json.WriteStartObject();
        json.WriteString("created", "1970-01-01T00:00:00Z");
        json.WriteString("created_by", "capstan");
        json.WriteEndObject();
        json.WriteEndArray();
    });

    private static byte[] Manifest(string name, string config, string layer)
    {
        var one = Json(json =>
        {
            json.WriteString("Config", config);
            WriteList(json, "RepoTags", [name]);
            WriteList(json, "Layers", [layer]);
        });
        return [(byte)'[', .. one, (byte)']'];
    }

    private static byte[] Json(Action<Utf8JsonWriter> write)
    {
        var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private static void WriteList(Utf8JsonWriter json, string name, IReadOnlyList<string> items)
    {
        if (items.Count == 0)
        {
            return;
        }

        json.WriteStartArray(name);
        foreach (var item in items)
        {
            json.WriteStringValue(item);
        }

        json.WriteEndArray();
    }
}
