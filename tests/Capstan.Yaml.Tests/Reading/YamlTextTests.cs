namespace Capstan.Yaml.Tests.Reading;

public sealed class YamlTextTests
{
    [Fact]
    public void Documents_have_positions_and_empty_ones_are_left_out()
    {
        var documents = YamlText.ReadAll("# head\n---\n---\nkind: Service\nspec:\n  ports:\n  - port: 80\n---\nnull\n---\n- \"x\"\n");

        Assert.Equal(2, documents.Count);
        var map = Assert.IsType<YamlMap>(documents[0]);
        Assert.Equal(new Position(4, 1), map.Position);
        Assert.Equal(new Position(5, 1), map.Entry("spec")!.Value.KeyPosition);
        var port = map.At("spec", "ports")!.AsList()![0];
        Assert.Equal(new Position(7, 5), port.Position);
        Assert.Equal("{\"port\":80}", port.ToString());
        var text = Assert.IsType<YamlScalar>(documents[1].AsList()![0]);
        Assert.Equal(ScalarStyle.DoubleQuoted, text.Style);
    }

    [Fact]
    public void One_document_is_read_and_a_second_is_refused()
    {
        Assert.True(YamlText.ReadOne("").IsNull);
        Assert.Equal("{\"a\":1}", YamlText.ReadOne("---\n---\na: 1\n---\n").ToString());
        var error = Assert.Throws<YamlException>(() => YamlText.ReadOne("a: 1\n---\nb: 2\n"));
        Assert.Equal("3:1: a second document begins here, and only one is expected", error.Message);
    }

    [Fact]
    public void A_key_that_is_there_twice_is_refused_with_both_places_or_the_last_wins()
    {
        var error = Assert.Throws<YamlException>(() => YamlText.ReadAll("a: 1\nb: 2\na: 3\n"));
        Assert.Equal("3:1: the key \"a\" is there twice in one map; it was first at 1:1", error.Message);
        Assert.Equal("a: 3", error.Line);
        var last = YamlText.ReadOne("a: 1\nb: 2\na: 3\n", new ReadLimits { DuplicateKeys = DuplicateKeys.LastWins });
        Assert.Equal("{\"a\":3,\"b\":2}", last.ToString());
    }

    [Theory]
    [InlineData("a: b: c\n", 1)]
    [InlineData("a: 1\n b: 2\n", 2)]
    [InlineData("a:\n\t- b\n", 1)]
    [InlineData("a: \"x\n", 1)]
    [InlineData("a: [1, 2\nb: 3\n", 2)]
    [InlineData("a: \"\\ud83d\"\n", 1)]
    [InlineData("a: @x\n", 1)]
    [InlineData("a: *nowhere\n", 1)]
    [InlineData("a: &x [*x]\n", 1)]
    [InlineData("? [a]\n: b\n", 1)]
    [InlineData("a: .inf\n", 1)]
    [InlineData("<<: 3\n", 1)]
    [InlineData("{{ .Values.x }}: 1\n", 1)]
    [InlineData("v: {\na: 1\n}\n", 2)]
    [InlineData("a: \"\\x\"\n", 1)]
    [InlineData("a: \"\\UFFFFFFFF\"\n", 1)]
    [InlineData("a: \u0001\n", 1)]
    public void What_is_no_YAML_is_an_error_with_its_place_and_line(string text, int line)
    {
        var error = Assert.Throws<YamlException>(() => YamlText.ReadAll(text));
        Assert.Equal(line, error.Position.Line);
        Assert.NotNull(error.Line);
        TestContext.Current.TestOutputHelper?.WriteLine($"{error.Message} | {error.Line}");
    }
}
