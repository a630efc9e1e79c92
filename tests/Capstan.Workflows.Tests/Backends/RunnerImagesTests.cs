using Capstan.Workflows.Backends.Containers;

namespace Capstan.Workflows.Tests.Backends;

public sealed class RunnerImagesTests
{
    private static readonly Dictionary<string, string> Settings = new() { ["big"] = "big:settings", ["*"] = "other:settings" };
    private static readonly Dictionary<string, string> Flags = new() { ["big"] = "big:flag", ["small"] = "small:flag", ["*"] = "other:flag" };

    [Theory]
    [InlineData("big", "big:settings")]
    [InlineData("small", "small:flag")]
    [InlineData("small,big", "small:flag")]
    [InlineData("none,big", "big:settings")]
    [InlineData("none", "other:settings")]
    [InlineData("", "other:settings")]
    public void The_first_label_that_has_an_image_counts_and_settings_before_flags(string labels, string image) =>
        Assert.Equal(image, RunnerImages.Among(labels.Split(',', StringSplitOptions.RemoveEmptyEntries), Settings, Flags));

    [Fact]
    public void A_label_without_an_image_has_none() => Assert.Null(RunnerImages.Among(["big"], new Dictionary<string, string>()));
}
