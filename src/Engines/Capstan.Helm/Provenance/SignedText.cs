using System.Text;
using Capstan.Helm.Charts;

namespace Capstan.Helm.Provenance;

/// <summary>A text with its signature, as RFC 9580, section 7 ("Cleartext Signature Framework") has it.</summary>
/// <param name="Text">What was signed, dashes unescaped, lines ended by a line feed; the last line has no end.</param>
/// <param name="Signature">The armored signature.</param>
internal sealed record SignedText(string Text, byte[] Signature)
{
    private const string Begin = "-----BEGIN PGP SIGNED MESSAGE-----";
    private const string BeginSignature = "-----BEGIN PGP SIGNATURE-----";
    private const string EndSignature = "-----END PGP SIGNATURE-----";

    /// <summary>The bytes that the signature is over: lines without blanks at their ends, joined by CR and LF.</summary>
    public byte[] Canonical => Encoding.UTF8.GetBytes(string.Join("\r\n", Text.Split('\n').Select(static l => l.TrimEnd(' ', '\t', '\r'))));

    /// <summary>Reads a file. What stands around the signed text is not looked at.</summary>
    /// <exception cref="ChartException">There is no signed text in it.</exception>
    public static SignedText Read(ReadOnlySpan<byte> content)
    {
        var lines = Encoding.UTF8.GetString(content).Split('\n').Select(static l => l.TrimEnd('\r')).ToArray();
        var begin = Array.IndexOf(lines, Begin);
        var signature = Array.FindIndex(lines, Math.Max(begin, 0), static l => l.TrimEnd() == BeginSignature);
        var end = signature < 0 ? -1 : Array.FindIndex(lines, signature, static l => l.TrimEnd() == EndSignature);
        var text = begin < 0 ? -1 : Array.FindIndex(lines, begin, static l => l.Length == 0);
        if (begin < 0 || end < 0 || text < 0 || text >= signature || lines[(begin + 1)..text].Any(static l => !l.StartsWith("Hash: ", StringComparison.Ordinal)))
        {
            throw new ChartException("signature block not found");
        }

        return new SignedText(
            string.Join('\n', lines[(text + 1)..signature].Select(static l => l.StartsWith("- ", StringComparison.Ordinal) ? l[2..] : l)),
            Encoding.ASCII.GetBytes(string.Join('\n', lines[signature..(end + 1)]) + "\n"));
    }
}
