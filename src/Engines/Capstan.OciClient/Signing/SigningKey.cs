using System.Security.Cryptography;

namespace Capstan.OciClient.Signing;

/// <summary>The key by which this installation signs images: ECDSA on P-256, as cosign makes them. Printed it shows nothing.</summary>
public sealed class SigningKey : IDisposable
{
    private const string FileName = "signing-key.pem";
    private const string PublicFileName = "signing-key.pub";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly ECDsa _key;

    private SigningKey(ECDsa key) => _key = key;

    /// <summary>The public key in PEM, as <c>cosign verify --key</c> takes it.</summary>
    public string PublicPem => _key.ExportSubjectPublicKeyInfoPem() + "\n";

    /// <summary>Makes a key.</summary>
    public static SigningKey Create() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256));

    /// <summary>Reads a private key in PEM that is not encrypted.</summary>
    /// <exception cref="CryptographicException">It is none.</exception>
    public static SigningKey FromPem(string pem)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            return new SigningKey(key);
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw new CryptographicException("the key is no private ECDSA key in PEM without a password", e);
        }
    }

    /// <summary>Reads the key of a data folder (<c>signing-key.pem</c>, mode 0600), or makes one and writes its public half beside it.</summary>
    /// <exception cref="CryptographicException">The file is there and holds no key.</exception>
    public static SigningKey LoadOrCreate(string dataFolder)
    {
        var path = Path.Combine(dataFolder, FileName);
        if (File.Exists(path)) return FromPem(File.ReadAllText(path));
        var made = Create();
        var draft = Path.Combine(dataFolder, $".{FileName}-{Guid.NewGuid():N}");
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
            using (var file = new FileStream(draft, options))
            {
                file.Write(System.Text.Encoding.ASCII.GetBytes(made._key.ExportPkcs8PrivateKeyPem() + "\n"));
                file.Flush(flushToDisk: true);
            }

            File.Move(draft, path, overwrite: false);
        }
        finally
        {
            File.Delete(draft);
        }

        File.WriteAllText(Path.Combine(dataFolder, PublicFileName), made.PublicPem);
        return made;
    }

    /// <inheritdoc/>
    public override string ToString() => "SigningKey { *** }";

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();

    internal byte[] Sign(ReadOnlySpan<byte> content) => _key.SignData(content, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
}

/// <summary>Public keys that are trusted.</summary>
public sealed class TrustedKeys : IDisposable
{
    private readonly List<ECDsa> _keys = [];

    /// <summary>Reads public keys in PEM.</summary>
    /// <exception cref="CryptographicException">One is no public ECDSA key.</exception>
    public TrustedKeys(params IEnumerable<string> pems)
    {
        foreach (var pem in pems)
        {
            var key = ECDsa.Create();
            _keys.Add(key);
            try
            {
                key.ImportFromPem(pem);
            }
            catch (ArgumentException e)
            {
                throw new CryptographicException("the key is no public ECDSA key in PEM", e);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var key in _keys) key.Dispose();
    }

    internal bool Verify(ReadOnlySpan<byte> content, string base64)
    {
        var signature = new byte[base64.Length];
        if (!Convert.TryFromBase64String(base64, signature, out var length)) return false;
        foreach (var key in _keys)
        {
            if (key.VerifyData(content, signature.AsSpan(0, length), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)) return true;
        }

        return false;
    }
}
