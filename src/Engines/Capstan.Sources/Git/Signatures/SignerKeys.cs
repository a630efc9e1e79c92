using System.Security.Cryptography;
using System.Text;

namespace Capstan.Sources.Git.Signatures;

/// <summary>The keys that signatures are checked with.</summary>
/// <param name="GnuPg">Public keys of GnuPG, each as ASCII armour.</param>
/// <param name="AllowedSigners">Keys of SSH, in the format of <c>ssh-keygen</c>'s allowed signers; empty for none.</param>
public sealed record SignerKeys(IReadOnlyList<string> GnuPg, string AllowedSigners)
{
    /// <summary>A hash of all keys: another set of keys has another.</summary>
    public string Id { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', GnuPg.Append(AllowedSigners)))));
}

/// <summary>What the signature of a commit is worth.</summary>
/// <param name="Key">The fingerprint of the key of a good signature: hexadecimal for GnuPG, <c>SHA256:…</c> for SSH; null when there is no good one.</param>
/// <param name="Problem">Why it is not good; empty when it is.</param>
public sealed record CommitSignature(string? Key, string Problem);
