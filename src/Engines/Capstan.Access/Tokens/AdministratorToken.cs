using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Capstan.Access.Secrets;

namespace Capstan.Access.Tokens;

/// <summary>The administrator's token, kept in the file <c>token</c> of the data folder (mode 0600).</summary>
/// <param name="Value">The token.</param>
/// <param name="Created">True when it was made just now: the caller tells it to the operator, this once.</param>
public sealed record AdministratorToken(SecretText Value, bool Created)
{
    /// <summary>The name of the file in the data folder.</summary>
    public const string FileName = "token";

    private const string Prefix = "capstan_";
    private const int RandomBytes = 32;
    private const int ShortestToken = 16;
    private const long LargestFile = 4096;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Reads the token of a data folder, or makes one. Two processes that do so at once end with the same token.</summary>
    /// <exception cref="AdministratorTokenException">The file is there and holds no usable token.</exception>
    public static AdministratorToken LoadOrCreate(string dataFolder)
    {
        var path = Path.Combine(dataFolder, FileName);
        if (TryLoad(dataFolder) is { } existing)
        {
            return existing;
        }

        Directory.CreateDirectory(dataFolder);
        var token = Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes));
        var draft = Path.Combine(dataFolder, $".{FileName}-{Guid.NewGuid():N}");
        try
        {
            WriteDraft(draft, token);
            File.Move(draft, path, overwrite: false);
            return new AdministratorToken(new SecretText(token), Created: true);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process was first; its token is the one.
            return TryLoad(dataFolder) ?? throw new AdministratorTokenException($"{path}: vanished while it was read; start again");
        }
        finally
        {
            File.Delete(draft);
        }
    }

    /// <summary>Reads the token of a data folder, as commands on the same machine do; null when there is none.</summary>
    /// <exception cref="AdministratorTokenException">The file is there and holds no usable token.</exception>
    public static AdministratorToken? TryLoad(string dataFolder)
    {
        var path = Path.Combine(dataFolder, FileName);
        if (!File.Exists(path))
        {
            return null;
        }

        if (new FileInfo(path).Length > LargestFile)
        {
            throw new AdministratorTokenException($"{path}: is too large for a token; delete it and start again to get a new one");
        }

        var token = File.ReadAllText(path).Trim();
        if (token.Length < ShortestToken || token.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            throw new AdministratorTokenException($"{path}: holds no token of at least {ShortestToken} printable characters; delete it and start again to get a new one");
        }

        if (!OperatingSystem.IsWindows() && File.GetUnixFileMode(path) != OwnerOnly)
        {
            File.SetUnixFileMode(path, OwnerOnly);
        }

        return new AdministratorToken(new SecretText(token), Created: false);
    }

    private static void WriteDraft(string path, string token)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        using var file = new FileStream(path, options);
        file.Write(Encoding.ASCII.GetBytes(token + "\n"));
        file.Flush(flushToDisk: true);
    }
}

/// <summary>The token file cannot be used.</summary>
public sealed class AdministratorTokenException(string message) : IOException(message);
