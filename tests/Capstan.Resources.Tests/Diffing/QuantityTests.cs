namespace Capstan.Resources.Tests;

public sealed class QuantityTests
{
    [Theory]
    [InlineData("1000m", "1")]
    [InlineData("1Gi", "1024Mi")]
    [InlineData("1.5", "1500m")]
    [InlineData("2e3", "2k")]
    [InlineData("0.5Gi", "512Mi")]
    [InlineData("-1", "-1000m")]
    [InlineData(".5", "0.5")]
    [InlineData("1E2", "100")]
    public void Quantities_of_the_same_value_are_equal(string left, string right)
    {
        Assert.True(Quantity.TryParse(left, out var a) && Quantity.TryParse(right, out var b) && a == b);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1e309")]
    [InlineData("9999999999999999999")]
    [InlineData("1.2.3")]
    [InlineData("Gi")]
    [InlineData("1 Gi")]
    [InlineData("1gb")]
    [InlineData("--1")]
    public void Texts_that_are_no_quantities_or_out_of_range_are_refused(string text) => Assert.False(Quantity.TryParse(text, out _));
}
