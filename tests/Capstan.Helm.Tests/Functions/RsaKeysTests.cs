using System.Diagnostics;
using System.Numerics;
using System.Security.Cryptography;
using Capstan.Helm.Functions;

namespace Capstan.Helm.Tests.Functions;

public sealed class RsaKeysTests
{
    [Theory]
    [InlineData(2048)]
    [InlineData(4096)]
    public void A_key_has_all_its_bits_and_signs_what_its_public_part_verifies(int bits)
    {
        using var key = RsaKeys.Generate(bits);
        var parameters = key.ExportParameters(includePrivateParameters: true);
        Assert.Equal(bits, Number(parameters.Modulus!).GetBitLength());
        Assert.Equal(65537, Number(parameters.Exponent!));
        Assert.Equal(Number(parameters.Modulus!), Number(parameters.P!) * Number(parameters.Q!));
        using var open = RSA.Create(new RSAParameters { Modulus = parameters.Modulus, Exponent = parameters.Exponent });
        var signature = key.SignData("capstan"u8, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        Assert.True(open.VerifyData("capstan"u8, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    [Fact]
    public void Two_keys_share_no_prime()
    {
        using var one = RsaKeys.Generate(2048);
        using var other = RsaKeys.Generate(2048);
        Assert.True(BigInteger.GreatestCommonDivisor(Number(one.ExportParameters(false).Modulus!), Number(other.ExportParameters(false).Modulus!)).IsOne);
    }

    // One prime twice; and a number one above a multiple of the exponent, which nothing undoes then.
    [Fact]
    public void Primes_that_do_not_suit_one_another_make_no_key()
    {
        var p = (BigInteger.One << 1024) - 105;
        Assert.Null(RsaKeys.Parameters(p, p, 2048));
        Assert.Null(RsaKeys.Parameters((65537 * (BigInteger.One << 1000)) + 1, p, 2048));
    }

    [Fact]
    public async Task OpenSSL_finds_nothing_wrong_with_a_key()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/usr/bin/openssl"), "openssl is not installed");
        using var key = RsaKeys.Generate(2048);
        var start = new ProcessStartInfo("openssl", ["rsa", "-check", "-noout"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(key.ExportRSAPrivateKeyPem());
        process.StandardInput.Close();
        Assert.Contains("RSA key ok", await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private static BigInteger Number(byte[] bytes) => new(bytes, isUnsigned: true, isBigEndian: true);
}
