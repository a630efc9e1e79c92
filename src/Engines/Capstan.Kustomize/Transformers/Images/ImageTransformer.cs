using System.Runtime.CompilerServices;
using Capstan.Kustomize.Fields;
using Capstan.Kustomize.Resources;
using Capstan.Kustomize.Spec;
using Capstan.Yaml;

namespace Capstan.Kustomize.Transformers.Images;

/// <summary>Changes names, tags and digests of container images.</summary>
internal sealed class ImageTransformer
{
    private readonly ImageSpec _image;
    private readonly ImagePattern _pattern;
    private readonly Func<YamlNode, YamlNode> _walk;
    private readonly Func<YamlNode, YamlNode> _container;

    public ImageTransformer(ImageSpec image)
    {
        _image = image;
        (_walk, _container) = (Walk, Container);
        try
        {
            _pattern = new ImagePattern(image.Name);
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)
        {
            throw new KustomizeException($"the image name \"{image.Name}\" is no regular expression: {error.Message}", inner: error);
        }
    }

    public void Apply(ResourceSet set, IEnumerable<FieldSpec> fields)
    {
        var walks = fields.Select(f => new FieldWalk(f, node => node is YamlScalar { IsNull: false } ? Change(node) : node)).ToArray();
        foreach (var resource in set.All)
        {
            if (resource.Kind == "CustomResourceDefinition")
            {
                continue;
            }

            resource.Body = (YamlMap)Walk(resource.Body);
            foreach (var walk in walks)
            {
                walk.Apply(resource);
            }
        }
    }

    /// <summary>Name, tag and digest of an image reference.</summary>
    internal static (string Name, string Tag, string Digest) Split(string image)
    {
        var start = Math.Max(0, image.IndexOf('/', StringComparison.Ordinal));
        var at = image.IndexOf('@', start);
        var colon = image.IndexOf(':', start);
        if (at >= 0 && (at < colon || colon < 0))
        {
            return (image[..at], "", image[(at + 1)..]);
        }

        if (colon < 0)
        {
            return (image, "", "");
        }

        return at >= 0 ? (image[..colon], image[(colon + 1)..at], image[(at + 1)..]) : (image[..colon], image[(colon + 1)..], "");
    }

    // Containers are found wherever they stand, also in kinds that nobody knows.
    private YamlNode Walk(YamlNode node)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (node)
        {
            case YamlMap map:
                YamlMapBuilder? changed = null;
                foreach (var (key, value) in map)
                {
                    if (value is YamlScalar)
                    {
                        continue;
                    }

                    var walked = Walk(value);
                    if (key is "containers" or "initContainers" && walked is YamlList containers)
                    {
                        walked = Items(containers, _container);
                    }

                    if (!ReferenceEquals(walked, value))
                    {
                        (changed ??= map.ToBuilder()).Set(key, walked);
                    }
                }

                return changed?.ToMap(map.Position) ?? map;
            case YamlList list:
                return Items(list, _walk);
            default:
                return node;
        }
    }

    private YamlNode Container(YamlNode container)
    {
        if (container is YamlScalar { IsNull: false } or YamlList)
        {
            throw new KustomizeException($"wrong node kind: expected a container, found {container.Description}");
        }

        return container is YamlMap map && map["image"] is { IsNull: false } image ? map.With("image", Change(image)) : container;
    }

    private static YamlList Items(YamlList list, Func<YamlNode, YamlNode> change)
    {
        YamlNode[]? items = null;
        for (var i = 0; i < list.Count; i++)
        {
            var changed = change(list[i]);
            if (!ReferenceEquals(changed, list[i]))
            {
                (items ??= list.AsSpan().ToArray())[i] = changed;
            }
        }

        return items is null ? list : new YamlList(items, list.Position);
    }

    private YamlNode Change(YamlNode node)
    {
        if (node is not YamlScalar)
        {
            throw new KustomizeException($"wrong node kind: expected an image, found {node.Description}");
        }

        var value = ScalarNodes.Source(node);
        if (!_pattern.IsMatch(value))
        {
            return node;
        }

        var (name, tag, digest) = Split(value);
        name = _image.NewName.Length > 0 ? _image.NewName : name;
        (tag, digest) = (_image.NewTag, _image.Digest, _image.TagSuffix) switch
        {
            ({ Length: > 0 } newTag, { Length: > 0 } newDigest, _) => (newTag, newDigest),
            ({ Length: > 0 } newTag, _, _) => (newTag, ""),
            (_, { Length: > 0 } newDigest, _) => ("", newDigest),
            (_, _, { Length: > 0 } suffix) => (tag + suffix, ""),
            _ => (tag, digest),
        };
        var text = name + (tag.Length > 0 ? ":" + tag : "") + (digest.Length > 0 ? "@" + digest : "");
        return text == value ? node : ScalarNodes.Untagged(text, node);
    }
}
