using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Capstan.Reconcile;

/// <summary>Divides keys among members so that few keys move when a member comes or goes (rendezvous hashing). Pure.</summary>
public static class Shards
{
    /// <summary>Which member a key belongs to; null when there are none. All processes agree, whatever the order of members.</summary>
    public static string? OwnerOf(string key, IEnumerable<string> members)
    {
        string? best = null;
        ulong highest = 0;
        foreach (var member in members)
        {
            var weight = Weight(key, member);
            if (best is null || weight > highest || (weight == highest && string.CompareOrdinal(member, best) < 0))
            {
                (best, highest) = (member, weight);
            }
        }

        return best;
    }

    private static ulong Weight(string key, string member)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{member}\n{key}"), hash);
        return BinaryPrimitives.ReadUInt64BigEndian(hash);
    }
}
