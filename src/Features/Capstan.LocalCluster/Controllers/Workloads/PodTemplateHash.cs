using System.Buffers;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Controllers.Workloads;

/// <summary>
/// The label that tells the ReplicaSets of one Deployment apart. Kubernetes hashes Go's memory layout; any stable hash serves, since
/// nobody may compute it: it is compared with itself alone.
/// </summary>
internal static class PodTemplateHash
{
    public const string Label = "pod-template-hash";

    // Kubernetes' SafeEncodeString: no vowels and nothing that looks like one, so that no hash spells a word.
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";

    /// <summary>The hash of a template, 10 characters at most.</summary>
    /// <param name="template">A pod template.</param>
    /// <param name="collisions">How often the hash met another template's (<c>status.collisionCount</c>).</param>
    public static string Of(YamlMap template, int collisions)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        JsonText.Write(Sorted(template), buffer);
        var hash = 2166136261u;
        foreach (var octet in buffer.WrittenSpan)
        {
            hash = (hash ^ octet) * 16777619u;
        }

        hash = (hash ^ (uint)collisions) * 16777619u;
        return string.Create(10, hash, static (chars, value) =>
        {
            var digits = value.ToString("D10", System.Globalization.CultureInfo.InvariantCulture);
            for (var i = 0; i < chars.Length; i++)
            {
                chars[i] = Alphabet[digits[i] % Alphabet.Length];
            }
        });
    }

    /// <summary>Whether two templates are the same apart from the hash label.</summary>
    public static bool SameTemplate(YamlMap left, YamlMap right) => WithoutHash(left).Equals(WithoutHash(right));

    private static YamlMap WithoutHash(YamlMap template)
    {
        var bare = template.WithoutAt("metadata", "labels", Label);
        return bare.At("metadata", "creationTimestamp") is { IsNull: true } ? bare.WithoutAt("metadata", "creationTimestamp") : bare;
    }

    private static YamlNode Sorted(YamlNode node)
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        return node switch
        {
            YamlMap map => map.OrderBy(e => e.Key, StringComparer.Ordinal)
                .Aggregate(new YamlMapBuilder(map.Count), (all, e) => all.Set(e.Key, Sorted(e.Value))).ToMap(),
            YamlList list => new YamlList(list.Select(Sorted)),
            _ => node,
        };
    }
}
