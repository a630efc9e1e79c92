using System.Text.Json;

namespace Capstan.Yaml;

/// <summary>
/// Shares the strings that manifests repeat thousands of times (apiVersion, metadata, labels …). A fixed number of slots, each holding
/// the last string that fell into it: lock-free, bounded, and wrong guesses only cost an allocation.
/// </summary>
internal sealed class KeyPool
{
    public static readonly KeyPool Shared = new();

    private const int Slots = 4096;
    private const int LongestShared = 40;

    private readonly string?[] _slots = new string?[Slots];

    /// <summary>The property name that the reader stands on.</summary>
    public string Get(ref Utf8JsonReader reader) => GetShort(ref reader);

    /// <summary>The string that the reader stands on, shared when it is short.</summary>
    public string GetShort(ref Utf8JsonReader reader)
    {
        var utf8 = reader.ValueSpan;
        if (reader.ValueIsEscaped)
        {
            return JsonEscapes.Read(ref reader);
        }

        if (utf8.Length > LongestShared)
        {
            return reader.GetString()!;
        }

        Span<char> chars = stackalloc char[LongestShared];
        var length = reader.CopyString(chars);
        return Get(chars[..length]);
    }

    /// <summary>A string with this content.</summary>
    public string Get(ReadOnlySpan<char> text)
    {
        if (text.Length == 0)
        {
            return "";
        }

        if (text.Length > LongestShared)
        {
            return text.ToString();
        }

        ref var slot = ref _slots[(uint)string.GetHashCode(text) % Slots];
        var known = slot;
        return known is not null && text.SequenceEqual(known) ? known : slot = text.ToString();
    }
}
