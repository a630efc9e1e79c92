namespace Capstan.Cel.Tests;

/// <summary>What is refused before anything is evaluated, and the limits that hold for what is evaluated.</summary>
public sealed class CompileTests
{
    private static readonly CelEnvironment WithSelf = new([new CelVariable("self", new Shape())]);

    [Theory]
    [InlineData("self.", "Syntax error: mismatched input '<EOF>' expecting an expression", 6)]
    [InlineData("1 +", "Syntax error: mismatched input '<EOF>' expecting an expression", 4)]
    [InlineData("other == 1", "undeclared reference to 'other' (in container '')", 1)]
    [InlineData("self.nope == 1", "undefined field 'nope'", 5)]
    [InlineData("has(self.nope)", "undefined field 'nope'", 9)]
    [InlineData("self.items.all(i, i.nope == 1)", "undefined field 'nope'", 20)]
    [InlineData("missing(self)", "undeclared reference to 'missing' (in container '')", 8)]
    [InlineData("size(1, 2)", "found no matching overload for 'size'", 5)]
    [InlineData("self.items.all(i.x, true)", "argument must be a simple name", 17)]
    [InlineData("has(self)", "invalid argument to has() macro", 5)]
    [InlineData("for", "reserved identifier: for", 1)]
    [InlineData("'open", "Syntax error: token recognition error at: ''open'", 1)]
    [InlineData("99999999999999999999", "invalid int literal", 1)]
    public void What_cannot_be_is_refused_with_its_place(string expression, string problem, int column)
    {
        var refused = Assert.Throws<CelException>(() => WithSelf.Compile(expression));

        Assert.Equal(problem, refused.Problem);
        Assert.StartsWith($"ERROR: <input>:1:{column}: ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_place_is_marked_beneath_its_line()
    {
        var refused = Assert.Throws<CelException>(() => WithSelf.Compile("true &&\n  self.nope"));

        Assert.Equal("ERROR: <input>:2:7: undefined field 'nope'\n |   self.nope\n | ......^", refused.Message);
    }

    [Fact]
    public void A_program_knows_which_variables_it_uses()
    {
        var environment = new CelEnvironment([new CelVariable("self"), new CelVariable("oldSelf")]);

        Assert.True(environment.Compile("self == oldSelf").Uses("oldSelf"));
        Assert.False(environment.Compile("[1].all(oldSelf, self == oldSelf)").Uses("oldSelf"));
    }

    [Theory]
    [InlineData("[1,2,3,4,5,6,7,8,9,0].all(a, [1,2,3,4,5,6,7,8,9,0].all(b, [1,2,3,4,5,6,7,8,9,0].all(c, [1,2,3,4,5,6,7,8,9,0].all(d, [1,2,3,4,5,6,7,8,9,0].all(e, [1,2,3,4,5,6,7,8,9,0].all(f, true))))))")]
    [InlineData("[1,2,3,4,5,6,7,8,9].map(x, [1,2,3,4,5,6,7,8,9].map(y, '%s'.format(['0123456789'.replace('', '0123456789').replace('', '0123456789').replace('', '0123456789').replace('', '0123456789').replace('', '0123456789').replace('', '0123456789')]))) == []")]
    public void What_costs_too_much_is_given_up(string expression)
    {
        var meter = new CelMeter(CelMeter.OneRule);

        var fault = Assert.IsType<CelFault>(new CelEnvironment([]).Compile(expression).Evaluate(_ => null, meter));

        Assert.Equal(("operation cancelled: actual cost limit exceeded", true), (fault.Message, meter.IsEmpty));
    }

    [Theory]
    [InlineData('(')]
    [InlineData('[')]
    [InlineData('!')]
    [InlineData('-')]
    public void Depth_is_bounded(char c)
    {
        var deep = new string(c, 50_000);

        Assert.Throws<CelException>(() => new CelEnvironment([]).Compile(deep + "x"));
    }

    [Fact]
    public void Long_chains_of_alternatives_are_no_depth() =>
        Assert.Equal(CelBool.False, new CelEnvironment([]).Compile(string.Join(" || ", Enumerable.Repeat("1 == 2", 2_000))).Evaluate(_ => null, new CelMeter(CelMeter.OneRule)));

    private sealed class Shape : CelShape
    {
        public override bool HasFixedFields => true;

        public override CelShape Item => this;

        public override bool HasField(string name, out CelShape? shape)
        {
            shape = name == "items" ? this : null;
            return name is "items" or "name";
        }
    }
}
