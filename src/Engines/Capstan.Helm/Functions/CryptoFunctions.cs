using System.Security.Cryptography;
using System.Text;
using Capstan.GoTemplates;
using Org.BouncyCastle.Crypto.Generators;
using static Capstan.Helm.Functions.FunctionTable;

namespace Capstan.Helm.Functions;

/// <summary>Passwords, keys, certificates and encryption.</summary>
internal static class CryptoFunctions
{
    private const int BcryptCost = 10;

    private static readonly GoType List = GoType.ListOfAny;

    public static readonly GoFunction[] All =
    [
        Of("bcrypt", [GoType.String], static (_, a) => Bcrypt(a.Text(0))),
        Of("htpasswd", [GoType.String, GoType.String], static (_, a) => Htpasswd(a.Text(0), a.Text(1))),
        Of("derivePassword", [GoType.Uint32, GoType.String, GoType.String, GoType.String, GoType.String], static (_, a) =>
            DerivedPassword.Of((uint)a[0]!, a.Text(1), a.Text(2), a.Text(3), a.Text(4))),
        Of("genPrivateKey", [GoType.String], static (_, a) => PrivateKeys.Generate(a.Text(0))),
        Of("buildCustomCert", [GoType.String, GoType.String], static (_, a) => Certificates.FromPem(a.Text(0), a.Text(1))),
        Of("genCA", [GoType.String, GoType.Int], static (call, a) => Certificates.Authority(call, a.Text(0), a.Int(1), null)),
        Of("genCAWithKey", [GoType.String, GoType.Int, GoType.String], static (call, a) =>
            Certificates.Authority(call, a.Text(0), a.Int(1), a.Text(2))),
        Of("genSelfSignedCert", [GoType.String, List, List, GoType.Int], static (call, a) =>
            Certificates.SelfSigned(call, a.Text(0), a[1], a[2], a.Int(3), null)),
        Of("genSelfSignedCertWithKey", [GoType.String, List, List, GoType.Int, GoType.String], static (call, a) =>
            Certificates.SelfSigned(call, a.Text(0), a[1], a[2], a.Int(3), a.Text(4))),
        Of("genSignedCert", [GoType.String, List, List, GoType.Int, Certificate.GoTypeOf], static (call, a) =>
            Certificates.Signed(call, a.Text(0), a[1], a[2], a.Int(3), (Certificate)a[4]!, null)),
        Of("genSignedCertWithKey", [GoType.String, List, List, GoType.Int, Certificate.GoTypeOf, GoType.String], static (call, a) =>
            Certificates.Signed(call, a.Text(0), a[1], a[2], a.Int(3), (Certificate)a[4]!, a.Text(5))),
        Of("encryptAES", [GoType.String, GoType.String], static (_, a) => Encrypt(a.Text(0), a.Text(1))),
        Of("decryptAES", [GoType.String, GoType.String], static (_, a) => Decrypt(a.Text(0), a.Text(1))),
    ];

    private static string Bcrypt(string text)
    {
        var bytes = GoText.ToBytes(text);
        if (bytes.Length > 72)
        {
            return "failed to encrypt string with bcrypt: bcrypt: password length exceeds 72 bytes";
        }

        return OpenBsdBCrypt.Generate("2a", text.ToCharArray(), RandomNumberGenerator.GetBytes(16), BcryptCost);
    }

    private static string Htpasswd(string user, string password) =>
        user.Contains(':', StringComparison.Ordinal) ? $"invalid username: {user}" : $"{user}:{Bcrypt(password)}";

    private static byte[] Key(string password)
    {
        var key = new byte[32];
        var bytes = GoText.ToBytes(password);
        bytes.AsSpan(0, Math.Min(bytes.Length, key.Length)).CopyTo(key);
        return key;
    }

    private static string Encrypt(string password, string text)
    {
        if (text.Length == 0)
        {
            return "";
        }

        using var aes = Aes.Create();
        aes.Key = Key(password);
        var iv = RandomNumberGenerator.GetBytes(16);
        return Convert.ToBase64String([.. iv, .. aes.EncryptCbc(GoText.ToBytes(text), iv)]);
    }

    private static string Decrypt(string password, string encrypted)
    {
        if (encrypted.Length == 0)
        {
            return "";
        }

        if (!EncodingFunctions.TryBase64(encrypted, out var bytes, out var problem))
        {
            throw new GoException(problem);
        }

        if (bytes.Length < 32 || bytes.Length % 16 != 0)
        {
            throw new GoException("crypto/cipher: input not full blocks");
        }

        using var aes = Aes.Create();
        aes.Key = Key(password);
        var text = aes.DecryptCbc(bytes.AsSpan(16), bytes.AsSpan(0, 16), PaddingMode.None);
        var padding = text[^1];
        return padding > text.Length ? throw new GoException("runtime error: slice bounds out of range") : GoText.FromBytes(text.AsSpan(0, text.Length - padding));
    }
}

/// <summary>Passwords made from a master password, a site and a user, as sprig makes them.</summary>
internal static class DerivedPassword
{
    private const string Seed = "com.lyndir.masterpassword";

    private static readonly Dictionary<string, string[]> Shapes = new(StringComparer.Ordinal)
    {
        ["maximum"] = ["anoxxxxxxxxxxxxxxxxx", "axxxxxxxxxxxxxxxxxno"],
        ["long"] =
        [
            "CvcvnoCvcvCvcv", "CvcvCvcvnoCvcv", "CvcvCvcvCvcvno", "CvccnoCvcvCvcv", "CvccCvcvnoCvcv", "CvccCvcvCvcvno", "CvcvnoCvccCvcv",
            "CvcvCvccnoCvcv", "CvcvCvccCvcvno", "CvcvnoCvcvCvcc", "CvcvCvcvnoCvcc", "CvcvCvcvCvccno", "CvccnoCvccCvcv", "CvccCvccnoCvcv",
            "CvccCvccCvcvno", "CvcvnoCvccCvcc", "CvcvCvccnoCvcc", "CvcvCvccCvccno", "CvccnoCvcvCvcc", "CvccCvcvnoCvcc", "CvccCvcvCvccno",
        ],
        ["medium"] = ["CvcnoCvc", "CvcCvcno"],
        ["short"] = ["Cvcn"],
        ["basic"] = ["aaanaaan", "aannaaan", "aaannaaa"],
        ["pin"] = ["nnnn"],
    };

    private static readonly Dictionary<char, string> Characters = new()
    {
        ['V'] = "AEIOU",
        ['C'] = "BCDFGHJKLMNPQRSTVWXYZ",
        ['v'] = "aeiou",
        ['c'] = "bcdfghjklmnpqrstvwxyz",
        ['A'] = "AEIOUBCDFGHJKLMNPQRSTVWXYZ",
        ['a'] = "AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz",
        ['n'] = "0123456789",
        ['o'] = "@&%?,=[]_:-+*$#!'^~;()/.",
        ['x'] = "AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()",
    };

    public static string Of(uint counter, string type, string password, string user, string site)
    {
        if (!Shapes.TryGetValue(type, out var shapes))
        {
            return $"cannot find password template {type}";
        }

        var key = SCrypt.Generate(GoText.ToBytes(password), Scope(user), 32768, 8, 2, 64);
        var seed = HMACSHA256.HashData(key, (byte[])[.. Scope(site), .. BigEndian(counter)]);
        var shape = shapes[seed[0] % shapes.Length];
        var output = new StringBuilder(shape.Length);
        for (var i = 0; i < shape.Length; i++)
        {
            var characters = Characters[shape[i]];
            output.Append(characters[seed[i + 1] % characters.Length]);
        }

        return output.ToString();
    }

    private static byte[] Scope(string text)
    {
        var bytes = GoText.ToBytes(text);
        return [.. Encoding.ASCII.GetBytes(Seed), .. BigEndian((uint)bytes.Length), .. bytes];
    }

    private static byte[] BigEndian(uint number) => [(byte)(number >> 24), (byte)(number >> 16), (byte)(number >> 8), (byte)number];
}
