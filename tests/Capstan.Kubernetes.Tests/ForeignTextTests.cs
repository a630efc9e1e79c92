using System.Text;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Kubernetes.Tests;

/// <summary>What a server may send and Unicode does not have: half a surrogate pair reads as U+FFFD, as every API server has it, and stops nothing.</summary>
public sealed class ForeignTextTests
{
    private static readonly GroupVersionKind ConfigMap = new("", "v1", "ConfigMap");

    private readonly ObjectScanner _scanner = new(new LiveCacheOptions { Marks = ["mark"] });

    [Theory]
    [InlineData("""{"metadata":{"name":"a\ud800","namespace":"n\udc00","uid":"u\ud83d","resourceVersion":"1"}}""")]
    [InlineData("""{"metadata":{"\ud800":"x","name":"a\ud800","namespace":"n\udc00","uid":"u\ud83d"}}""")]
    [InlineData("""{"metadata":{"name":"a\ud800","namespace":"n\udc00","uid":"u\ud83d","annotations":{"\udfff":"\ud800","mark":"v\ud800"}}}""")]
    [InlineData("""{"metadata":{"name":"a\ud800","namespace":"n\udc00","uid":"u\ud83d","ownerReferences":[{"\ud801":1,"kind":"K\ud800","name":"o\ud800","uid":"\ud800"}]}}""")]
    public void An_object_is_read(string json)
    {
        var scanned = _scanner.Scan(ConfigMap, Encoding.UTF8.GetBytes(json));

        Assert.Equal(("a\uFFFD", "n\uFFFD", "u\uFFFD"), (scanned.Name, scanned.Namespace, scanned.Uid));
    }

    [Fact]
    public void A_list_is_read_whole()
    {
        var names = new List<string>();
        var list = _scanner.ScanList(ConfigMap, """{"metadata":{"resourceVersion":"7","continue":"c\ud800"},"items":[{"metadata":{"name":"a\ud800"}},{"metadata":{"name":"b"}}]}"""u8, o => names.Add(o.Name));

        Assert.Equal(["a\uFFFD", "b"], names);
        Assert.Equal("c\uFFFD", list.Continue);
    }

    [Theory]
    [InlineData(new byte[] { 0x22, 0x6e, 0x61, 0x6d, 0x65, 0x22, 0x3a, 0x22, 0xff, 0x22 })]
    [InlineData(new byte[] { 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31 })]
    public void Bytes_that_are_no_text_are_an_error_that_callers_know(byte[] member)
    {
        byte[] json = [.. "{\"metadata\":{"u8, .. member, .. "}}"u8];

        Assert.Throws<YamlException>(() => _scanner.Scan(ConfigMap, json));
    }
}
