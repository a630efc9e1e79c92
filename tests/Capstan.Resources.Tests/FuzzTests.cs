using Capstan.Testing;
using Capstan.Yaml;

namespace Capstan.Resources.Tests;

/// <summary>No input makes patches and field sets fail in another way than they say.</summary>
public sealed class FuzzTests
{
    private static readonly YamlNode Document = JsonText.Read("""{"a":{"b":[1,2,{"c":"d"}],"":0,"~":1,"/":2},"n":null,"s":"text"}""");

    [Fact]
    public void Json_patch_withstands_any_input() => Fuzz.Run(
        [
            """[{"op":"add","path":"/a/b/-","value":{"x":1}},{"op":"remove","path":"/n"},{"op":"replace","path":"/s","value":"t"}]""",
            """[{"op":"move","from":"/a/b/0","path":"/a/b/2"},{"op":"copy","from":"/a","path":"/z"},{"op":"test","path":"/a/~0","value":1},{"op":"test","path":"/a/~1","value":2}]""",
            """[{"op":"add","path":"","value":7}]""",
        ],
        ["\"op\":", "\"path\":", "\"from\":", "\"value\":", "\"add\"", "\"copy\"", "\"move\"", "\"test\"", "\"/a/b/0\"", "\"/a/b/-1\"", "\"/a/b/01\"", "~0", "~1", "~2", "/-", "/a", "99999999999999999999", "{", "}", "[", "]", ","],
        static input =>
        {
            try
            {
                return JsonPatch.Apply(Document, JsonText.Read(input)).Description;
            }
            catch (Exception refused) when (refused is YamlException or PatchException)
            {
                return refused.Message;
            }
        });

    [Fact]
    public void Merge_patch_withstands_any_input() => Fuzz.Run(
        ["""{"a":{"b":null,"c":[1]},"n":{}}""", "null", "7"],
        ["{", "}", "null", "\"a\":", "\"b\":", "[", "]", ","],
        static input =>
        {
            try
            {
                return MergePatch.Apply(Document, JsonText.Read(input)).Description;
            }
            catch (YamlException refused)
            {
                return refused.Message;
            }
        });

    [Fact]
    public void Field_sets_withstand_any_input_and_read_back_as_they_were_written() => Fuzz.Run(
        [
            """{"f:metadata":{"f:labels":{".":{},"f:app":{}}},"f:spec":{"f:ports":{"k:{\"port\":80,\"protocol\":\"TCP\"}":{".":{},"f:port":{}},"v:\"x\"":{},"i:3":{}}}}""",
            """{"f:data":{}}""",
        ],
        ["\"f:", "\"k:{", "\"v:", "\"i:", "\".\":{}", "\\\"", "{", "}", ":", ",", "i:-1", "i:99999999999999999999", "k:{}", "v:null", "f:", "\u2028"],
        static input =>
        {
            FieldSet set;
            try
            {
                set = FieldSet.Parse(JsonText.Read(input));
            }
            catch (Exception refused) when (refused is YamlException or FormatException)
            {
                return refused.Message;
            }

            var again = FieldSet.Parse(set.ToFieldsV1());
            return again.Equals(set) ? set.ToString() ?? "" : throw new InvalidOperationException($"reads back as {again}");
        });
}
