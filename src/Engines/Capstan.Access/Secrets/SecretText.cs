using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace Capstan.Access.Secrets;

/// <summary>A password, token or key as text, under the rules of <see cref="Secret{T}"/>; equality takes the same time for all values.</summary>
/// <param name="value">The secret text.</param>
[JsonConverter(typeof(RefusingSecretConverter))]
public sealed class SecretText(string value)
{
    /// <summary>What is printed in the place of a secret.</summary>
    public const string Mask = "***";

    private readonly byte[] _digest = SHA256.HashData(Encoding.UTF8.GetBytes(value));

    /// <summary>The secret itself.</summary>
    public string Reveal() => value;

    /// <summary>Whether a candidate is this secret. The time taken does not depend on where they differ, nor on their lengths' difference.</summary>
    public bool Matches(string candidate) =>
        CryptographicOperations.FixedTimeEquals(_digest, SHA256.HashData(Encoding.UTF8.GetBytes(candidate)));

    /// <summary>A mask, never the value.</summary>
    public override string ToString() => Mask;
}
