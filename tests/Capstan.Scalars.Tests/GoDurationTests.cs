namespace Capstan.Scalars.Tests;

public sealed class GoDurationTests
{
    [Theory]
    [InlineData("1h30m", 5_400_000_000_000)]
    [InlineData("1.5s", 1_500_000_000)]
    [InlineData("-100ms", -100_000_000)]
    [InlineData("0", 0)]
    [InlineData("1us1ns", 1_001)]
    public void Durations_are_read_as_Go_does(string text, long nanoseconds)
    {
        Assert.True(GoDuration.TryParse(text, out var read));
        Assert.Equal(nanoseconds, read);
    }

    [Theory]
    [InlineData("9999999h")]
    [InlineData("1")]
    [InlineData("1d")]
    [InlineData("h")]
    [InlineData("")]
    [InlineData("99999999999999999999999s")]
    public void Durations_out_of_range_are_refused(string text) => Assert.False(GoDuration.TryParse(text, out _));

    [Theory]
    [InlineData("", "invalid duration \"\"")]
    [InlineData(".s", "invalid duration \".s\"")]
    [InlineData("3000000h", "invalid duration \"3000000h\"")]
    [InlineData("1.2.3s", "missing unit in duration \"1.2.3s\"")]
    [InlineData("5", "missing unit in duration \"5\"")]
    [InlineData("5 s", "unknown unit \" s\" in duration \"5 s\"")]
    [InlineData("1d\u00e9", "unknown unit \"d\\xc3\\xa9\" in duration \"1d\\xc3\\xa9\"")]
    public void What_is_no_duration_is_refused_in_the_words_of_Go(string text, string problem)
    {
        Assert.False(GoDuration.TryParse(text, out _, out var told));
        Assert.Equal(problem, told);
    }

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(1, "1ns")]
    [InlineData(1_500, "1.5µs")]
    [InlineData(-100_000_000, "-100ms")]
    [InlineData(90_000_000_000, "1m30s")]
    [InlineData(3_600_000_000_000, "1h0m0s")]
    [InlineData(long.MinValue, "-2562047h47m16.854775808s")]
    public void Durations_are_written_as_Go_does(long nanoseconds, string text) => Assert.Equal(text, GoDuration.Format(nanoseconds));

    [Fact]
    public void What_is_written_reads_back_the_same() =>
        CsCheck.Check.Sample(CsCheck.Gen.Long[-long.MaxValue, long.MaxValue], nanoseconds =>
            GoDuration.TryParse(GoDuration.Format(nanoseconds), out var read) && read == nanoseconds);
}
