using System.Security.Cryptography;
using System.Text;
using Capstan.LocalCluster.ApiServer.Access;

namespace Capstan.LocalCluster.Identity;

/// <summary>
/// Tokens that the operator gave in a file of the form of kube-apiserver's <c>--token-auth-file</c>: <c>TOKEN,USER,UID,"GROUP,GROUP"</c>, a line each.
/// </summary>
internal sealed class StaticTokens
{
    private readonly List<(byte[] Hash, UserInfo User)> _users = [];

    /// <summary>Reads a file; one that is not there holds no tokens.</summary>
    /// <exception cref="IOException">A line is not of this form; the message says which.</exception>
    public static StaticTokens Read(string file)
    {
        var tokens = new StaticTokens();
        var lines = File.Exists(file) ? File.ReadAllLines(file) : [];
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].Trim();
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            var parts = line.Split(',', 4, StringSplitOptions.TrimEntries);
            if (parts.Length < 3 || parts[0].Length == 0 || parts[1].Length == 0)
            {
                throw new IOException($"{file}:{i + 1}: a token's line is TOKEN,USER,UID,\"GROUP,GROUP\"");
            }

            var groups = parts.Length < 4 ? [] : parts[3].Trim('"').Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            tokens._users.Add((SHA256.HashData(Encoding.UTF8.GetBytes(parts[0])), new UserInfo(parts[1], parts[2], groups, UserInfo.NoExtra)));
        }

        return tokens;
    }

    public UserInfo? Find(string token)
    {
        if (_users.Count == 0)
        {
            return null;
        }

        // Every token is compared, so that the time tells nothing.
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(token));
        UserInfo? found = null;
        foreach (var (known, user) in _users)
        {
            found = CryptographicOperations.FixedTimeEquals(hash, known) ? user : found;
        }

        return found;
    }
}
