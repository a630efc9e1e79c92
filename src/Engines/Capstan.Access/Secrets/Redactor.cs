using System.Text;

namespace Capstan.Access.Secrets;

/// <summary>
/// Masks secrets in text that is about to be shown or logged: as they are, percent-encoded, as base64 (also inside a longer base64 text,
/// such as that of a Basic header), and each line of a secret of several lines.
/// </summary>
public sealed class Redactor
{
    /// <summary>Shorter secrets are not masked: their text occurs everywhere, and masking it would only tell where.</summary>
    public const int ShortestSecret = 4;

    private readonly string[] _needles;

    /// <summary>Makes a redactor of these secrets.</summary>
    public Redactor(IEnumerable<SecretText> secrets)
    {
        var needles = new HashSet<string>(StringComparer.Ordinal);
        foreach (var secret in secrets)
        {
            var text = secret.Reveal();
            AddForms(needles, text);
            foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries))
            {
                AddForms(needles, line);
            }
        }

        // The longest first, so that no form is cut in two by the mask of a shorter one.
        _needles = [.. needles.OrderByDescending(n => n.Length).ThenBy(n => n, StringComparer.Ordinal)];
    }

    /// <summary>The text with every secret replaced by <see cref="SecretText.Mask"/>.</summary>
    public string Redact(string text)
    {
        foreach (var needle in _needles)
        {
            text = text.Replace(needle, SecretText.Mask, StringComparison.Ordinal);
        }

        return text;
    }

    private static void AddForms(HashSet<string> needles, string text)
    {
        if (text.Length < ShortestSecret)
        {
            return;
        }

        needles.Add(text);
        var escaped = Uri.EscapeDataString(text);
        needles.Add(escaped);
        needles.Add(LowerEscapes(escaped));
        var bytes = Encoding.UTF8.GetBytes(text);
        for (var before = 0; before < 3; before++)
        {
            AddBase64(needles, bytes, before);
        }
    }

    // Inside a longer base64 text the secret may begin at any of three places of a group; only the characters that the secret alone
    // decides are looked for.
    private static void AddBase64(HashSet<string> needles, byte[] bytes, int before)
    {
        var shifted = new byte[before + bytes.Length];
        bytes.CopyTo(shifted, before);
        var encoded = Convert.ToBase64String(shifted);
        var start = (before * 8 + 5) / 6;
        var end = shifted.Length * 8 / 6;
        if (end - start < ShortestSecret)
        {
            return;
        }

        var core = encoded[start..end];
        needles.Add(core);
        needles.Add(core.Replace('+', '-').Replace('/', '_'));
    }

    private static string LowerEscapes(string escaped)
    {
        var characters = escaped.ToCharArray();
        for (var i = 0; i + 2 < characters.Length; i++)
        {
            if (characters[i] == '%')
            {
                characters[i + 1] = char.ToLowerInvariant(characters[i + 1]);
                characters[i + 2] = char.ToLowerInvariant(characters[i + 2]);
            }
        }

        return new string(characters);
    }
}
