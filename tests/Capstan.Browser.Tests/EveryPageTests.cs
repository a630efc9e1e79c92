using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Capstan.Browser.Tests;

/// <summary>Every page in both themes, on a screen and on a phone: axe finds nothing, nothing hangs over the edge, no script fails, no secret shows.</summary>
[Collection(BrowserTests.Name)]
public sealed class EveryPageTests(BrowserFixture fixture)
{
    private string[] Addresses =>
    [
        "/", "/applications", "/applications?view=grid", "/applications?search=nothing-has-this", "/applications/shop", "/applications/shop?view=table", "/applications/broken",
        "/applications/shop/diff", "/applications/broken/diff", "/applications/shop/diff?view=unified", "/applications/shop/sync", "/applications/shop/manifests", "/applications/shop/history",
        "/applications/shop/events", "/applications/shop/object?object=Deployment%2Fshop%2Fweb", "/applications/shop/object?object=Secret%2Fshop%2Fkeys", "/applications/shop/rollback",
        "/applications/shop/timeline", "/applications/shop/timeline?kind=sync", "/applications/shop/logs", "/applications/shop/blame?object=Deployment%2Fshop%2Fweb", "/applications/shop-dev/compare?from=1&to=0",
        "/bulk-sync?name=shop&name=broken&name=nobody", "/bulk-sync",
        "/notifications", "/projects", "/people", "/docs", "/docs/tutorial", "/docs/reference/api", "/docs/reference/notifications", "/docs/compatibility", "/repositories/ci/-/branches", "/repositories/ci/-/commits", "/repositories/ci/-/commit/main",
        "/repositories", "/repositories/shop", "/repositories/shop?path=deploy/web.yaml", "/repositories/shop/-/commits", "/repositories/shop/-/commit/main",
        "/repositories/shop/-/compare?from=main&to=main", "/runs", "/runs?state=failure", "/runs?search=nothing-has-this", $"/runs/{fixture.Run}", $"/runs/{fixture.Run}/log", $"/runs/{fixture.Run}/log?job=build", $"/runs/{fixture.Run}/log?search=passed",
        "/pipelines", "/pipelines/shop", "/pipelines/shop/compare", "/pipelines/shop/compare?from=prod&to=dev", "/trace", $"/trace?subject={new string('a', 40)}", "/trace?subject=nobody", "/releases/shop-1", "/images", "/images/team/shop", "/images/team/shop?reference=v1",
        "/activity", "/clusters", "/account", "/nothing-is-here", "/applications/nobody",
    ];

    [Theory]
    [InlineData(ColorScheme.Light, 1440)]
    [InlineData(ColorScheme.Dark, 1440)]
    [InlineData(ColorScheme.Light, 360)]
    [InlineData(ColorScheme.Dark, 360)]
    public async Task Axe_finds_nothing_and_nothing_hangs_over_the_edge(ColorScheme theme, int width)
    {
        var page = await fixture.OpenAsync(theme, width);
        var wrong = new List<string>();
        page.PageError += (_, error) => wrong.Add($"{page.Url}: {error}");
        page.Console += (_, message) =>
        {
            if (message.Type == "error" && !message.Text.Contains("404", StringComparison.Ordinal)) wrong.Add($"{page.Url}: {message.Text}");
        };
        foreach (var address in Addresses)
        {
            var answer = await page.GotoAsync(address);
            Assert.True(answer!.Status is 200 or 404, $"{address}: {answer.Status}");
            await CheckAsync(page, address, theme, width, wrong);
        }
        await page.Context.ClearCookiesAsync();
        await page.GotoAsync("/sign-in");
        await CheckAsync(page, "/sign-in", theme, width, wrong);
        await page.Context.CloseAsync();
        Assert.Empty(wrong);
    }

    [Fact]
    public async Task The_value_of_a_Secret_is_on_no_page_of_the_application()
    {
        var page = await fixture.OpenAsync();
        foreach (var address in Addresses.Where(a => a.StartsWith("/applications", StringComparison.Ordinal) && !a.Contains("rollback", StringComparison.Ordinal)))
        {
            await page.GotoAsync(address);
            var html = await page.ContentAsync();
            Assert.DoesNotContain("canary-value-of-a-secret", html, StringComparison.Ordinal);
            Assert.DoesNotContain("Y2FuYXJ5LXZhbHVlLW9mLWEtc2VjcmV0", html, StringComparison.Ordinal);
        }
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task A_first_load_weighs_less_than_150_KB_on_the_wire()
    {
        var page = await fixture.OpenAsync();
        await page.GotoAsync("/applications/shop");
        var bytes = await page.EvaluateAsync<long>("performance.getEntriesByType('navigation').concat(performance.getEntriesByType('resource')).reduce((sum, e) => sum + (e.encodedBodySize || 0), 0)");
        TestContext.Current.TestOutputHelper?.WriteLine($"{bytes} bytes");
        Assert.InRange(bytes, 1, 150 * 1024);
        await page.Context.CloseAsync();
    }

    private static async Task CheckAsync(IPage page, string address, ColorScheme theme, int width, List<string> wrong)
    {
        var found = await page.RunAxe();
        wrong.AddRange(found.Violations.Select(v => $"{address} {theme} {width}: {v.Id}: {string.Join(" | ", v.Nodes.Take(2).Select(n => n.Html))}"));
        if (await page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth") is > 0 and var over) wrong.Add($"{address} {width}: hangs over by {over} px");
        var name = string.Concat(address.Trim('/').Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-'));
        await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(BrowserFixture.Screenshots, $"{(name.Length == 0 ? "overview" : name)}-{theme}-{width}.png".ToLowerInvariant()), FullPage = true });
    }
}
