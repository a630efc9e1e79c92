using Microsoft.Playwright;

namespace Capstan.Browser.Tests;

/// <summary>The pictures of the README, as the pages are: rewritten with CAPSTAN_UPDATE=1, and otherwise held to be there, named and small.</summary>
[Collection(BrowserTests.Name)]
public sealed class ReadmePictureTests(BrowserFixture fixture)
{
    private const int Largest = 100_000;
    private static readonly (string Name, string Address)[] Pictures = [("overview", "/"), ("application", "/applications/shop"), ("pipeline", "/pipelines/shop")];

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task The_README_shows_the_pages_in_both_themes(ColorScheme theme)
    {
        var root = Directory.GetParent(Directory.GetParent(BrowserFixture.Screenshots)!.FullName)!.FullName;
        var readme = await File.ReadAllTextAsync(Path.Combine(root, "README.md"), TestContext.Current.CancellationToken);
        var page = await fixture.OpenAsync(theme, 1180);
        await page.SetViewportSizeAsync(1180, 700);
        foreach (var (name, address) in Pictures)
        {
            var picture = $"docs/images/{name}-{theme}.png".ToLowerInvariant();
            await page.GotoAsync(address);
            if (Environment.GetEnvironmentVariable("CAPSTAN_UPDATE") == "1") await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(root, picture) });
            Assert.Contains(picture, readme, StringComparison.Ordinal);
            Assert.InRange(new FileInfo(Path.Combine(root, picture)).Length, 1000, Largest);
        }

        await page.Context.CloseAsync();
    }
}
