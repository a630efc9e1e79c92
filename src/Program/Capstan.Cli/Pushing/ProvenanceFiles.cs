using System.Security.Cryptography;
using Capstan.Helm.Arguments;
using Capstan.Helm.Charts;
using Capstan.Helm.Provenance;

namespace Capstan.Cli.Pushing;

/// <summary><c>--verify</c>: a chart on this disk with its provenance beside it, and the keyring.</summary>
internal static class ProvenanceFiles
{
    /// <summary>Checks an archive; without a file whose signature holds it is refused.</summary>
    /// <exception cref="ChartException">It is refused; the message is Helm's.</exception>
    public static void Verify(CliContext context, HelmTemplateArguments arguments)
    {
        var archive = Path.GetFullPath(arguments.Chart);
        if (Directory.Exists(archive)) throw new ChartException("unpacked charts cannot be verified");
        var provenance = archive + ".prov";
        if (!File.Exists(provenance)) throw new ChartException($"could not load provenance file {provenance}: stat {provenance}: no such file or directory");
        var keyring = ReadKeyring(context, arguments);
        using var stream = File.OpenRead(archive);
        ChartProvenance.Verify(Path.GetFileName(archive), Convert.ToHexString(SHA256.HashData(stream)), Read(provenance), keyring, context.Clock.GetUtcNow());
    }

    /// <summary>The keyring that <c>--keyring</c> names, else gpg's of old.</summary>
    /// <exception cref="ChartException">It is not there, or is none.</exception>
    public static Keyring ReadKeyring(CliContext context, HelmTemplateArguments arguments)
    {
        var file = arguments.Keyring ?? Path.Combine(context.Environment("GNUPGHOME") ?? Path.Combine(context.Environment("HOME") ?? "", ".gnupg"), "pubring.gpg");
        return File.Exists(file) ? Keyring.Read(File.ReadAllBytes(file)) : throw new ChartException($"failed to load keyring: open {file}: no such file or directory");
    }

    private static byte[] Read(string file) => new FileInfo(file).Length <= ChartProvenance.MaxBytes
        ? File.ReadAllBytes(file)
        : throw new ChartException($"{file}: the provenance has more than {ChartProvenance.MaxBytes:N0} bytes");
}
