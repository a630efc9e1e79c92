using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Capstan.Access.SignIn;

/// <summary>Passwords as they are kept: PBKDF2 with SHA-256, a salt each, and the cost written beside it, so that it can grow.</summary>
public static class Passwords
{
    /// <summary>The shortest that is taken.</summary>
    public const int Shortest = 12;

    /// <summary>The longest that is taken; what is longer would only cost time.</summary>
    public const int Longest = 256;

    private const int Rounds = 600_000;
    private const int MostRounds = 10_000_000;
    private const int SaltBytes = 16;
    private const int HashBytes = 32;
    private const string Scheme = "pbkdf2-sha256";

    // What is checked where there is no such user, so that a wrong name takes as long as a wrong password.
    private static readonly Lazy<string> Nobody = new(() => Hash("nobody has this password"));

    /// <summary>The text to keep: <c>pbkdf2-sha256$ROUNDS$SALT$HASH</c>.</summary>
    public static string Hash(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return $"{Scheme}${Rounds.ToString(CultureInfo.InvariantCulture)}${Convert.ToBase64String(salt)}${Convert.ToBase64String(Derive(password, salt, Rounds))}";
    }

    /// <summary>Whether a password is the one that was kept. It takes its time; limit how many are checked at once.</summary>
    /// <param name="password">What was given.</param>
    /// <param name="kept">What <see cref="Hash"/> made; null where there is no such user, which takes as long and is never right.</param>
    public static bool Check(string password, string? kept)
    {
        if (password.Length > Longest) return false;
        var parts = (kept ?? Nobody.Value).Split('$');
        if (parts.Length != 4 || parts[0] != Scheme || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var rounds) || rounds is < 1 or > MostRounds) return false;
        var (salt, hash) = (new byte[SaltBytes], new byte[HashBytes]);
        if (!Convert.TryFromBase64String(parts[2], salt, out var saltLength) || !Convert.TryFromBase64String(parts[3], hash, out var hashLength) || saltLength != SaltBytes || hashLength != HashBytes) return false;
        return CryptographicOperations.FixedTimeEquals(Derive(password, salt, rounds), hash) && kept is not null;
    }

    /// <summary>A password for a first sign-in: 20 characters that are not mistaken for one another.</summary>
    public static string Make() => RandomNumberGenerator.GetString("abcdefghjkmnpqrstuvwxyzACDEFGHJKLMNPQRTUVWXY34679", 20);

    private static byte[] Derive(string password, byte[] salt, int rounds) =>
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password.Normalize(NormalizationForm.FormKC)), salt, rounds, HashAlgorithmName.SHA256, HashBytes);
}
