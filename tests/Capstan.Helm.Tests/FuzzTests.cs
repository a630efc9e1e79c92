using System.Text;
using Capstan.Helm.Charts;
using Capstan.Helm.Provenance;
using Capstan.Testing;
using Capstan.Trees;

namespace Capstan.Helm.Tests;

/// <summary>No input makes what a chart or its user writes fail in another way than it says.</summary>
public sealed class FuzzTests
{
    private const string Metadata = "apiVersion: v2\nname: q\nversion: 0.1.0\n";

    private static readonly SigningKeys Keys = SigningKeys.Make("Fuzz <f@example.com>");

    [Fact]
    public void What_the_yaml_writer_writes_is_read_back_as_it_was() => Fuzz.Run(
        ["text\n", "- a\n# no\n", "yes", "0x1F", "1e3", "a: b", " lead", "trail ", "|\n x", "'", "\"", "12:30:00", "2001-01-01", "~", "\u00e9\u2028", "long " + new string('w', 200)],
        ["\n", " ", ":", "#", "-", "'", "\"", "|", ">", "&", "*", "!", "%", "@", "`", "{", "}", "[", "]", ",", "?", "null", "true", "no", "on", ".inf", "0o7", "=", "<<", "\t", "\r", "\u00a0", "\u2028", "\ud83d\ude00", "\u0007"],
        static input =>
        {
            var text = Encoding.UTF8.GetString(input);
            var result = new HelmRenderer().Render(new HelmRenderRequest
            {
                Tree = MemoryTree.Of(("Chart.yaml", Metadata), ("templates/a.yaml", "{{ $v := dict \"k\" .Values.t \"l\" (list .Values.t (dict .Values.t .Values.t)) \"z\" \"toYaml cuts the last line's end\" }}{{ if ne (toJson $v) (toYaml $v | fromYaml | toJson) }}differs{{ end }}a: {{ len (toYaml $v) }}")),
                Settings = [new HelmSetting(HelmSettingKind.SetLiteral, "t=" + text)],
            });
            return result.Error is { } refused ? refused.Message : result.Output.Contains("differs", StringComparison.Ordinal) ? throw new InvalidOperationException(result.Output) : "gives " + result.Output.Length / 64;
        });

    [Fact]
    public void Settings_withstand_any_input() => Fuzz.Run(
        ["a=b,c.d[0].e=1", "a={1,2},b=null", "a\\.b=c\\,d", "a[2]=x,a[0]=y", "a=", "=b"],
        ["=", ",", ".", "[", "]", "{", "}", "\\", "0", "65536", "null", "true", "\"", "'"],
        static input =>
        {
            var result = new HelmRenderer().Render(new HelmRenderRequest
            {
                Tree = MemoryTree.Of(("Chart.yaml", Metadata), ("templates/a.yaml", "a: {{ toJson .Values | quote }}")),
                Settings = [new HelmSetting((HelmSettingKind)(input.Length % 3), Encoding.UTF8.GetString(input))],
            });
            return result.Error?.Message ?? "gives " + result.Output.Length / 64;
        });

    [Fact]
    public void Keyrings_and_provenance_withstand_any_input() => Fuzz.Run(
        ["-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nname: q\n\n...\nfiles:\n  q-0.1.0.tgz: sha256:00\n-----BEGIN PGP SIGNATURE-----\n\nwsC5BAEBCgBtBYJrBs/a\n-----END PGP SIGNATURE-----\n", "\u0099\u0001"],
        ["-----BEGIN PGP SIGNED MESSAGE-----", "-----BEGIN PGP SIGNATURE-----", "-----END PGP SIGNATURE-----", "Hash: SHA1", "\n\n", "\n...\n", "- ", "=abcd", "wsC5", "files:"],
        static input =>
        {
            try
            {
                ChartProvenance.Verify("q-0.1.0.tgz", "00", input, Keyring.Read(input.Length % 2 == 0 ? Keys.Public : input), DateTimeOffset.UnixEpoch);
                throw new InvalidOperationException("nobody signed that");
            }
            catch (ChartException refused)
            {
                return refused.Message;
            }
        });
}
