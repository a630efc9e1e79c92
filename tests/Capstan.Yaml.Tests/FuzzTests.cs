using Capstan.Testing;

namespace Capstan.Yaml.Tests;

/// <summary>No input makes the readers fail in another way than they say; what they read they write so that it reads back the same.</summary>
public sealed class FuzzTests
{
    private static readonly string[] YamlWords =
        [": ", "- ", "? ", "|", ">", "|-", ">+", "---\n", "...\n", "&a ", "*a", "<<: ", "!!str ", "!!binary ", "!!int ", "!x ", "%YAML 1.1\n", "# ", "\n  ", "\t", "\"", "'", "\\u0000", "\\x", "[", "]", "{", "}", ", ", "~", "null", "yes", "0x1F", "1e309", ".inf", "2001-01-01", "\u2028", "\ufeff"];

    private static readonly string[] Manifests =
    [
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  labels: {x: \"1\", y: 'z'}\ndata:\n  text: |\n    line one\n    line two\n  folded: >-\n    a\n    b\n",
        "a: &anchor [1, 2.5, true, null, \"x\\n\"]\nb: *anchor\nc:\n  <<: {d: 1}\n  e: !!str 7\n",
        "---\na: 1\n---\n- b\n- - c\n  - d: |+\n      keep\n\n...\n",
        "\"quoted \\u00e9 \\x41\": 'it''s'\n? complex\n: value\n",
        "k: !!binary aGVsbG8=\nd: 2001-12-14t21:59:43.10-05:00\no: 0o17\nh: 0xff\n",
    ];

    [Fact]
    public void The_yaml_reader_withstands_any_input() => Fuzz.Run(Manifests, YamlWords, static input =>
    {
        try
        {
            var documents = YamlText.ReadAll(input);
            foreach (var document in documents)
            {
                _ = GoYaml.Write(document);
            }

            return string.Join(',', documents.Select(d => d.GetType().Name + d.Description));
        }
        catch (YamlException refused)
        {
            return refused.Message;
        }
    });

    [Fact]
    public void The_json_reader_withstands_any_input_and_reads_back_what_is_written() => Fuzz.Run(
        ["""{"a":[1,-2.5e3,true,false,null,"x\u00e9\n"],"b":{"c":{}}}""", "[[[[1]]]]", "\"\\ud83d\\ude80\"", "12345678901234567890", "  {} "],
        ["{", "}", "[", "]", ":", ",", "\"", "\\u", "\\ud800", "\\", "null", "true", "1e309", "-0", "0.1", "1E+2", "//", "\ufeff", "\0"],
        static input =>
        {
            YamlNode read;
            try
            {
                read = JsonText.Read(input, withPositions: true);
            }
            catch (YamlException refused)
            {
                return refused.Message;
            }

            var again = JsonText.Read(JsonText.WriteBytes(read));
            return again.Equals(read) ? read.GetType().Name + read.Description : throw new InvalidOperationException($"reads back as {JsonText.Write(again)}");
        });

    // Found by the target above.
    [Theory]
    [InlineData("\"\\ud800\"", "\uFFFD")]
    [InlineData("\"a\\udc00b\"", "a\uFFFDb")]
    [InlineData("\"\\ud83d\\ude80 \\n\\t\\/\\\\\\\"\"", "\U0001F680 \n\t/\\\"")]
    [InlineData("\"\\ud800\\ud83d\\ude80\"", "\uFFFD\U0001F680")]
    [InlineData("\"\\\\ud800\"", "\\ud800")]
    public void Half_a_surrogate_pair_is_read_as_go_reads_it(string json, string expected) => Assert.Equal(expected, JsonText.Read(json).AsString());
}
