using Capstan.Expressions;
using Capstan.Workflows.Planning;

namespace Capstan.Workflows.Tests.Planning;

public sealed class MatrixPlanTests
{
    [Theory]
    [InlineData("""{"os":["a","b"],"v":[1,2]}""", "a 1|a 2|b 1|b 2")]
    [InlineData("""{"os":["a","b"],"v":[1,2],"exclude":[{"os":"a","v":2},{"os":"b"}]}""", "a 1")]
    [InlineData("""{"include":[{"x":1},{"x":2}]}""", "1|2")]
    [InlineData("""{"fruit":["apple","pear"],"animal":["cat","dog"],"include":[{"color":"green"},{"color":"pink","animal":"cat"},{"fruit":"apple","shape":"circle"},{"fruit":"banana"},{"fruit":"banana","animal":"cat"}]}""",
        "apple cat pink circle|apple dog green circle|pear cat pink|pear dog green|banana|banana cat")]
    [InlineData("""{"o":[{"a":1,"b":2},{"a":3}],"exclude":[{"o":{"a":1}}]}""", "3")]
    public void Combinations_are_those_of_the_documentation(string json, string expected) =>
        Assert.Equal(expected, string.Join('|', MatrixPlan.Expand(ExpressionJson.Read(json), "j").Select(c => MatrixPlan.Suffix(c).Trim(' ', '(', ')').Replace(", ", " ", StringComparison.Ordinal))));

    [Theory]
    [InlineData("""{"v":1}""", "job 'j': matrix.v is no list but number")]
    [InlineData("[1]", "job 'j': the matrix is no map but array")]
    [InlineData("""{"v":[]}""", "job 'j': the matrix has no combination, so there is nothing to run")]
    public void What_is_no_matrix_is_refused(string json, string message) =>
        Assert.Equal(message, Assert.Throws<WorkflowException>(() => MatrixPlan.Expand(ExpressionJson.Read(json), "j")).Message);

    [Fact]
    public void A_matrix_of_a_million_jobs_is_refused_before_it_is_made()
    {
        var list = "[" + string.Join(',', Enumerable.Range(0, 100)) + "]";
        Assert.Contains("and 256 are the most", Assert.Throws<WorkflowException>(() => MatrixPlan.Expand(ExpressionJson.Read($$"""{"a":{{list}},"b":{{list}},"c":{{list}}}"""), "j")).Message, StringComparison.Ordinal);
    }
}
