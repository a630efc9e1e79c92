namespace Capstan.Cel.Tests;

public sealed class ValueTests
{
    private static readonly CelEnvironment Empty = new([]);

    public static TheoryData<string, string> Cases() => [.. Rows().Select(r => new TheoryDataRow<string, string>(r[0], r[1]))];

    [Theory]
    [MemberData(nameof(Cases))]
    public void An_expression_gives(string expression, string expected)
    {
        var value = Evaluate(expression);

        if (expected.StartsWith("! ", StringComparison.Ordinal))
        {
            Assert.Equal(expected[2..], Assert.IsType<CelFault>(value).Message);
            return;
        }

        var wanted = Evaluate(expected);
        Assert.Equal((wanted.TypeName, wanted), (value.TypeName, value));
    }

    private static CelValue Evaluate(string expression) => Empty.Compile(expression).Evaluate(_ => null, new CelMeter(CelMeter.OneRule));

    // A case may have line breaks within its texts: it ends with the line that has the arrow.
    private static IEnumerable<string[]> Rows()
    {
        var open = "";
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "testdata/values.txt")).Where(l => l.Length > 0 && l[0] != '#'))
        {
            open += open.Length == 0 ? line : "\n" + line;
            if (!line.Contains(" => ", StringComparison.Ordinal)) continue;
            yield return open.Split(" => ", 2);
            open = "";
        }
    }
}
