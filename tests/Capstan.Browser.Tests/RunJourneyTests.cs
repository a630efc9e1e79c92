using Microsoft.Playwright;

namespace Capstan.Browser.Tests;

/// <summary>What people do with runs and pipelines, in a real browser.</summary>
[Collection(BrowserTests.Name)]
public sealed class RunJourneyTests(BrowserFixture fixture)
{
    [Fact]
    public async Task A_failed_run_leads_to_the_line_that_says_why()
    {
        var page = await fixture.OpenAsync();
        await page.GotoAsync("/runs?state=failure");
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Begin ci" }).First.ClickAsync();
        await Assertions.Expect(page.GetByText("expected 200, got 500").First).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "web.c:7" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Log", Exact = true }).ClickAsync();
        await page.GetByPlaceholder("Search in the log").FillAsync("GOT 500");
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Search", Exact = true }).ClickAsync();
        var line = page.Locator("#log li.error").First;
        await Assertions.Expect(line).ToContainTextAsync("expected 200, got 500");
        await line.Locator("a.n").ClickAsync();
        await Assertions.Expect(page.Locator("#log li:target")).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator("#log li:target")).ToContainTextAsync("expected 200, got 500");
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task A_log_shows_colours_as_classes_and_tags_as_text()
    {
        var page = await fixture.OpenAsync();
        await page.GotoAsync($"/runs/{fixture.Run}/log?job=build");
        Assert.Equal(0, await page.Locator("#log b").CountAsync());
        await Assertions.Expect(page.Locator("#log .f2").First).ToHaveTextAsync("compiled");
        await Assertions.Expect(page.Locator("#log .f1.bold").First).ToHaveTextAsync("red");
        Assert.DoesNotContain("\u001b", await page.ContentAsync(), StringComparison.Ordinal);
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task A_log_grows_while_it_is_looked_at_and_the_run_is_cancelled_from_its_page()
    {
        await fixture.PushFilesAsync("slow", (".github/workflows/slow.yaml", "on: push\njobs: {wait: {runs-on: any, steps: [{run: 'echo first; for i in $(seq 1 600); do echo tick $i; sleep 0.2; done'}]}}\n"));
        var page = await fixture.OpenAsync();
        await page.GotoAsync("/runs?repository=slow");
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Begin slow" }).ClickAsync(new LocatorClickOptions { Timeout = 60_000 });
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Log", Exact = true }).ClickAsync();
        await Assertions.Expect(page.Locator("#log")).ToContainTextAsync("tick 9", new LocatorAssertionsToContainTextOptions { Timeout = 60_000 });
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Cancel" }).ClickAsync();
        await Assertions.Expect(page.Locator(".app-title .state").First).ToContainTextAsync("Cancelled", new LocatorAssertionsToContainTextOptions { Timeout = 60_000 });
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Run again" })).ToBeVisibleAsync();
        await page.Context.CloseAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_stage_is_held_and_let_go_from_the_board_with_scripts_and_without(bool scripts)
    {
        var page = await fixture.OpenAsync(scripts: scripts);
        await page.GotoAsync("/pipelines/shop");
        await page.Locator("summary").Nth(1).ClickAsync();
        await page.Locator("#hold-prod").FillAsync("market day");
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Hold prod" }).ClickAsync();
        await BrowserFixture.UntilAsync("prod is held", async () => (await fixture.StageAsync("prod"))["message"]?.ToString().Contains("holds the stage: market day", StringComparison.Ordinal) == true);
        await page.GotoAsync("/pipelines/shop");
        await Assertions.Expect(page.GetByText("Held by")).ToBeVisibleAsync();
        await page.Locator("summary").Nth(1).ClickAsync();
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Lift the hold of prod" }).ClickAsync();
        await BrowserFixture.UntilAsync("prod waits for its gates again", async () => (await fixture.StageAsync("prod"))["message"]?.ToString().Contains("holds the stage", StringComparison.Ordinal) == false);
        await page.Context.CloseAsync();
    }
}
