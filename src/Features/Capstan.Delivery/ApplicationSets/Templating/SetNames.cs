using System.Text;

namespace Capstan.Delivery.ApplicationSets.Templating;

/// <summary>Names made fit for Kubernetes, the two ways that Argo CD makes them.</summary>
internal static class SetNames
{
    /// <summary>The longest slug of a branch.</summary>
    public const int LongestSlug = 50;

    private const int LongestName = 253;

    // The process runs without the tables of languages.
    private const string Accented = "àáâãäåāăąçćčďèéêëēėęěìíîïīįñńňòóôõöøōőùúûüūůűýÿžźżšśłťřğ";
    private const string Plain = "aaaaaaaaacccdeeeeeeeeiiiiiinnnoooooooouuuuuuuyyzzzssltrg";

    /// <summary>Lower case, whatever else is none of <c>a-z 0-9 - .</c> a hyphen, cut to 253 characters, no hyphen or dot at either end.</summary>
    public static string Normalize(string name)
    {
        var clean = string.Create(name.Length, name.ToLowerInvariant(), static (span, lower) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = char.IsAsciiLetterLower(lower[i]) || char.IsAsciiDigit(lower[i]) || lower[i] is '-' or '.' ? lower[i] : '-';
            }
        });
        return (clean.Length > LongestName ? clean[..LongestName] : clean).Trim('-', '.');
    }

    /// <summary>Lower case letters, digits and <c>_</c>, runs of anything else one hyphen, letters without their accents.</summary>
    /// <param name="name">The name.</param>
    /// <param name="most">The longest that it may be.</param>
    /// <param name="wholeWords">Whether it is cut between words.</param>
    public static string Slug(string name, int most = LongestSlug, bool wholeWords = false)
    {
        var slug = new StringBuilder(name.Length);
        var words = name.Replace("&", " and ", StringComparison.Ordinal).Replace("@", " at ", StringComparison.Ordinal);
        foreach (var accented in words.ToLowerInvariant())
        {
            var c = Accented.IndexOf(accented, StringComparison.Ordinal) is >= 0 and var at ? Plain[at] : accented;
            if (char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_')
            {
                slug.Append(c);
            }
            else if (slug.Length > 0 && slug[^1] != '-')
            {
                slug.Append('-');
            }
        }

        var text = slug.ToString().Trim('-', '_');
        if (text.Length <= most)
        {
            return text;
        }

        var cut = wholeWords && text[most] != '-' && text.LastIndexOf('-', most - 1) is > 0 and var word ? word : most;
        return text[..cut].Trim('-', '_');
    }
}
