using System.Text;
using System.Text.RegularExpressions;

namespace Capstan.Sources.Git.Signatures;

/// <summary>Checks the signatures of commits by <c>git verify-commit</c>, with the given keys and no others: no keyring, agent or key server of the machine is asked.</summary>
internal static partial class SignatureCheck
{
    private const int MostKeys = 500;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly string[] Bad = ["BADSIG", "ERRSIG", "EXPSIG", "EXPKEYSIG", "REVKEYSIG", "NODATA"];

    /// <summary>Checks one commit of a bare repository.</summary>
    /// <exception cref="SourceException">The programs could not be run.</exception>
    public static async Task<CommitSignature> RunAsync(GitProgram git, string repository, string commit, SignerKeys keys, CancellationToken cancellation)
    {
        if (keys.GnuPg.Count > MostKeys)
        {
            throw new SourceException(SourceProblem.Invalid, $"{keys.GnuPg.Count} keys are configured, at most {MostKeys} are read");
        }

        var folder = Directory.CreateTempSubdirectory("capstan-keys-").FullName;
        try
        {
            (string, string)[] home = [("GNUPGHOME", folder)];
            await File.WriteAllTextAsync(Path.Combine(folder, "gpg.conf"), "batch\nno-tty\nno-autostart\nno-auto-key-retrieve\ntrust-model always\n", cancellation).ConfigureAwait(false);
            var signers = Path.Combine(folder, "allowed_signers");
            await File.WriteAllTextAsync(signers, keys.AllowedSigners, cancellation).ConfigureAwait(false);
            foreach (var key in keys.GnuPg)
            {
                // A key that is none matches no signature; the others must count all the same.
                var import = GitProgram.Call(["--import"], environment: home) with { Program = "gpg", Input = Encoding.UTF8.GetBytes(key), TimeLimit = Patience };
                await git.TryRunAsync(import, cancellation).ConfigureAwait(false);
            }

            // What the repository's own configuration says of programs must not count.
            (string, string)[] configuration =
            [
                ("gpg.program", "gpg"), ("gpg.openpgp.program", "gpg"), ("gpg.ssh.program", "ssh-keygen"), ("gpg.x509.program", "false"),
                ("gpg.ssh.allowedSignersFile", signers), ("gpg.ssh.revocationFile", ""), ("gpg.minTrustLevel", "undefined"),
            ];
            var call = GitProgram.Call(["verify-commit", "--raw", commit], configuration, home) with { WorkingFolder = repository, TimeLimit = Patience };
            var result = await git.TryRunAsync(call, cancellation).ConfigureAwait(false);
            return Read(result.ExitCode, result.Errors);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Reads what git says: the status lines of GnuPG, or the sentence of ssh-keygen.</summary>
    internal static CommitSignature Read(int exitCode, string said)
    {
        var lines = said.Split('\n');
        string[] words = [.. lines.Where(l => l.StartsWith("[GNUPG:] ", StringComparison.Ordinal)).Select(l => l["[GNUPG:] ".Length..])];
        if (words.FirstOrDefault(w => Bad.Any(b => w == b || w.StartsWith(b + " ", StringComparison.Ordinal))) is { } bad)
        {
            return new CommitSignature(null, bad.Split(' ')[0] switch
            {
                "ERRSIG" => "the key of its signature is not among those that are configured",
                "EXPSIG" => "its signature has expired",
                "EXPKEYSIG" => "the key of its signature has expired",
                "REVKEYSIG" => "the key of its signature is revoked",
                _ => "its signature is bad",
            });
        }

        if (exitCode != 0)
        {
            return new CommitSignature(null, words.Length == 0 && !said.Contains("signature", StringComparison.OrdinalIgnoreCase) ? "it is not signed"
                : "its signature is not good, or its key is not among those that are configured");
        }

        // One signature, of one key: more would leave open which of them counts.
        string[] valid = [.. words.Where(w => w.StartsWith("VALIDSIG ", StringComparison.Ordinal)).Select(w => w.Split(' ')).Select(p => p.Length > 10 ? p[10] : p[1]).Distinct()];
        if (valid.Length == 1)
        {
            return new CommitSignature(valid[0], "");
        }

        string[] ssh = [.. lines.Select(l => Good().Match(l)).Where(m => m.Success).Select(m => m.Groups[1].Value).Distinct()];
        return valid.Length == 0 && ssh.Length == 1 ? new CommitSignature(ssh[0], "") : new CommitSignature(null, "it has no signature that can be told");
    }

    [GeneratedRegex("^Good \"git\" signature for \\S+ with [A-Z0-9-]+ key (SHA256:[A-Za-z0-9+/=]+)$", RegexOptions.NonBacktracking)]
    private static partial Regex Good();
}
