using System.Numerics;
using System.Runtime.InteropServices;

namespace Capstan.Helm.Functions;

/// <summary>
/// Primes by OpenSSL's own generator (BN_generate_prime_ex(3)), from the library that .NET's cryptography stands on. .NET makes whole keys
/// only, by a method of FIPS 186-4 that takes three times as long and gives no better keys.
/// </summary>
internal static unsafe class OpenSslPrimes
{
    private const string Library = "libcrypto.so.3";

    private static readonly delegate* unmanaged<nint> New;
    private static readonly delegate* unmanaged<nint, void> ClearFree;
    private static readonly delegate* unmanaged<nint, int, int, nint, nint, nint, int> GeneratePrime;
    private static readonly delegate* unmanaged<nint, byte*, int, int> ToBinary;

    static OpenSslPrimes()
    {
        if (OperatingSystem.IsLinux()
            && NativeLibrary.TryLoad(Library, out var library)
            && NativeLibrary.TryGetExport(library, "BN_new", out var make)
            && NativeLibrary.TryGetExport(library, "BN_clear_free", out var clearFree)
            && NativeLibrary.TryGetExport(library, "BN_generate_prime_ex", out var generatePrime)
            && NativeLibrary.TryGetExport(library, "BN_bn2binpad", out var toBinary))
        {
            New = (delegate* unmanaged<nint>)make;
            ClearFree = (delegate* unmanaged<nint, void>)clearFree;
            GeneratePrime = (delegate* unmanaged<nint, int, int, nint, nint, nint, int>)generatePrime;
            ToBinary = (delegate* unmanaged<nint, byte*, int, int>)toBinary;
            AreAvailable = true;
        }
    }

    /// <summary>Whether that library is here.</summary>
    public static bool AreAvailable { get; }

    /// <summary>A random prime whose two highest bits are set, so that a product of two has all of its bits.</summary>
    /// <returns>Null when OpenSSL could not make one.</returns>
    public static BigInteger? Generate(int bits)
    {
        var number = New();
        if (number == 0)
        {
            return null;
        }

        try
        {
            Span<byte> bytes = stackalloc byte[bits / 8];
            fixed (byte* start = bytes)
            {
                return GeneratePrime(number, bits, 0, 0, 0, 0) == 1 && ToBinary(number, start, bytes.Length) == bytes.Length
                    ? new BigInteger(bytes, isUnsigned: true, isBigEndian: true)
                    : null;
            }
        }
        finally
        {
            ClearFree(number);
        }
    }
}
