using System.Numerics;
using System.Security.Cryptography;

namespace Capstan.Helm.Functions;

/// <summary>New RSA keys. Charts that make certificates spend nearly all of their time here.</summary>
internal static class RsaKeys
{
    private const int Exponent = 65537;
    private const int MostTries = 100;

    /// <summary>A key of so many bits, with the exponent 65537.</summary>
    public static RSA Generate(int bits)
    {
        for (var i = 0; i < MostTries && OpenSslPrimes.AreAvailable; i++)
        {
            // They have nothing to do with one another, so each may have a processor of its own.
            BigInteger? first = null, second = null;
            Parallel.Invoke(() => first = OpenSslPrimes.Generate(bits / 2), () => second = OpenSslPrimes.Generate(bits / 2));
            if (first is { } p && second is { } q && Parameters(BigInteger.Max(p, q), BigInteger.Min(p, q), bits) is { } parameters)
            {
                return RSA.Create(parameters);
            }
        }

        return RSA.Create(bits);
    }

    /// <summary>The key of two primes; null when they do not suit one another (FIPS 186-5, A.1.1).</summary>
    internal static RSAParameters? Parameters(BigInteger p, BigInteger q, int bits)
    {
        var (p1, q1) = (p - 1, q - 1);
        var order = p1 / BigInteger.GreatestCommonDivisor(p1, q1) * q1;
        if ((p - q).GetBitLength() <= (bits / 2) - 100 || (p * q).GetBitLength() != bits || order % Exponent == 0)
        {
            return null;
        }

        // The inverse modulo a small prime gives the large one: the multiple of the order that lies one below a multiple of the exponent.
        var inverse = BigInteger.ModPow(order % Exponent, Exponent - 2, Exponent);
        var d = ((order * (Exponent - inverse)) + 1) / Exponent;
        if (d.GetBitLength() <= bits / 2)
        {
            return null;
        }

        return new RSAParameters
        {
            Modulus = Bytes(p * q, bits / 8),
            Exponent = [1, 0, 1],
            D = Bytes(d, bits / 8),
            P = Bytes(p, bits / 16),
            Q = Bytes(q, bits / 16),
            DP = Bytes(d % p1, bits / 16),
            DQ = Bytes(d % q1, bits / 16),
            InverseQ = Bytes(Inverse(q, p), bits / 16),
        };
    }

    private static BigInteger Inverse(BigInteger value, BigInteger modulus)
    {
        var (rest, divisor) = (modulus, value);
        var (before, inverse) = (BigInteger.Zero, BigInteger.One);
        while (!divisor.IsOne)
        {
            var quotient = BigInteger.DivRem(rest, divisor, out var remainder);
            (rest, divisor) = (divisor, remainder);
            (before, inverse) = (inverse, before - (quotient * inverse));
        }

        return inverse.Sign < 0 ? inverse + modulus : inverse;
    }

    private static byte[] Bytes(BigInteger value, int length)
    {
        var bytes = new byte[length];
        var written = value.GetByteCount(isUnsigned: true);
        value.TryWriteBytes(bytes.AsSpan(length - written), out _, isUnsigned: true, isBigEndian: true);
        return bytes;
    }
}
