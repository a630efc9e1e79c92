using Capstan.Resources;
using Microsoft.Playwright;

namespace Capstan.Browser.Tests;

/// <summary>What people do, in a real browser.</summary>
[Collection(BrowserTests.Name)]
public sealed class JourneyTests(BrowserFixture fixture)
{
    private static readonly ObjectKey Web = new(new GroupKind("apps", "Deployment"), "shop", "web");

    [Fact]
    public async Task A_push_is_on_the_screen_without_a_click()
    {
        var page = await fixture.OpenAsync();
        await page.GotoAsync("/applications/shop/history");
        await Assertions.Expect(page.GetByText("Begin the shop")).ToBeVisibleAsync();
        await fixture.PushAsync("Serve with four", replicas: 4);
        await Assertions.Expect(page.GetByText("Serve with four")).ToBeVisibleAsync(new LocatorAssertionsToBeVisibleOptions { Timeout = 30_000 });
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task A_page_that_lost_its_connection_catches_up()
    {
        var page = await fixture.OpenAsync();
        await page.GotoAsync("/applications?search=late");
        await page.Context.SetOfflineAsync(true);
        await fixture.ApplyAsync("late-comer", "shop", "deploy-not-there", automated: false);
        await BrowserFixture.UntilAsync("it is known", async () => (await fixture.StateAsync("late-comer")).Length > 0);
        await page.Context.SetOfflineAsync(false);
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "late-comer" })).ToBeVisibleAsync(new LocatorAssertionsToBeVisibleOptions { Timeout = 30_000 });
        await page.Context.CloseAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_sync_shows_its_plan_and_runs_with_scripts_and_without(bool scripts)
    {
        await fixture.ApplyAsync("by-hand", "shop", "deploy", automated: false);
        var page = await fixture.OpenAsync(scripts: scripts);
        await BrowserFixture.UntilAsync("it is compared", async () => (await fixture.StateAsync("by-hand")).Length > 0);
        await page.GotoAsync("/applications/by-hand");
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Sync…" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = "Sync: this is what it will do" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Sync now" }).ClickAsync();
        await page.WaitForURLAsync("**/applications/by-hand");
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Without_scripts_one_signs_in_searches_looks_and_signs_out()
    {
        var context = await fixture.Browser.NewContextAsync(new BrowserNewContextOptions { BaseURL = fixture.Server.Url.ToString(), JavaScriptEnabled = false });
        var page = await context.NewPageAsync();
        await page.GotoAsync("/applications");
        await page.FillAsync("#secret", fixture.Server.TokenText);
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Sign in" }).ClickAsync();
        await page.WaitForURLAsync("**/applications");
        await page.FillAsync("[name=search]", "shop");
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Filter" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "shop", Exact = true }).First.ClickAsync();
        await Assertions.Expect(page.Locator("svg text.label", new PageLocatorOptions { HasText = "web" }).First).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Dark colours" }).ClickAsync();
        Assert.Equal("dark", await page.Locator("html").GetAttributeAsync("data-theme"));
        await page.GotoAsync("/account");
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Sign out", Exact = true }).ClickAsync();
        await page.WaitForURLAsync("**/sign-in");
        await page.GotoAsync("/");
        Assert.Contains("/sign-in", page.Url, StringComparison.Ordinal);
        await context.CloseAsync();
    }

    [Fact]
    public async Task The_palette_is_opened_and_used_by_keys_alone()
    {
        var page = await fixture.OpenAsync();
        await page.GotoAsync("/");
        await page.Keyboard.PressAsync("Control+k");
        await Assertions.Expect(page.Locator("#palette")).ToBeVisibleAsync();
        await page.Keyboard.TypeAsync("shop");
        await Assertions.Expect(page.Locator("#palette-list li").First).ToContainTextAsync("shop");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync("**/applications/shop");
        await page.Keyboard.PressAsync("g");
        await page.Keyboard.PressAsync("r");
        await page.WaitForURLAsync("**/repositories");
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task A_search_follows_what_is_typed_and_can_be_shared()
    {
        var page = await fixture.OpenAsync();
        await page.GotoAsync("/applications");
        await page.Keyboard.PressAsync("/");
        await page.Keyboard.TypeAsync("broken");
        await page.WaitForURLAsync("**/applications?search=broken");
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "broken" })).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "shop", Exact = true })).ToHaveCountAsync(0);
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task What_others_wrote_runs_nothing_in_the_browser()
    {
        const string Evil = "<img src=x onerror=alert(1)><script>alert(2)</script>\\\"'>javascript:alert(3)";
        await fixture.ApplyAsync("evil", "shop", "deploy", automated: false, labels: $"{{note: \"{Evil}\", link.argocd.argoproj.io/x: \"javascript:alert(4)\"}}");
        await fixture.PushAsync("<script>alert(5)</script><img src=x onerror=alert(6)>", replicas: 3);
        await BrowserFixture.UntilAsync("the commit is deployed", async () => await fixture.StateAsync("shop") == "Synced Healthy"
            && (await fixture.Cluster.FindAsync(Web, TestContext.Current.CancellationToken))?.Spec["replicas"]?.ToString() == "3");
        var page = await fixture.OpenAsync();
        var ran = new List<string>();
        page.Dialog += async (_, dialog) =>
        {
            ran.Add(dialog.Message);
            await dialog.DismissAsync();
        };
        foreach (var address in new[] { "/", "/applications", "/applications/evil", "/applications/shop/history", "/repositories/shop/-/commits", "/repositories/shop/-/commit/main", "/applications/evil/manifests", "/activity" })
        {
            await page.GotoAsync(address);
            Assert.Equal(0, await page.Locator("#live script, #live img, a[href^='javascript:']").CountAsync());
        }
        Assert.Empty(ran);
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Several_applications_are_synced_after_a_look_at_their_plans()
    {
        await fixture.ApplyAsync("bulk-one", "shop", "deploy", automated: false);
        await fixture.ApplyAsync("bulk-two", "shop", "deploy", automated: false);
        await BrowserFixture.UntilAsync("both are compared", async () => (await fixture.StateAsync("bulk-one")).Length > 0 && (await fixture.StateAsync("bulk-two")).Length > 0);
        var page = await fixture.OpenAsync();
        await page.GotoAsync("/applications?search=bulk-");
        await page.GetByLabel("Choose bulk-one").CheckAsync();
        await page.GetByLabel("Choose bulk-two").CheckAsync();
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Plan a sync of those chosen…" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = "Sync 2 applications" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Checkbox, new PageGetByRoleOptions { Name = "bulk-two" }).UncheckAsync();
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Sync those that are ticked" }).ClickAsync();
        await page.WaitForURLAsync("**/applications");
        await BrowserFixture.UntilAsync("the one was synced", async () => await fixture.OperationAsync("bulk-one") is { Length: > 0 });
        Assert.Equal("", await fixture.OperationAsync("bulk-two"));
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task A_field_leads_to_the_line_that_set_it()
    {
        var page = await fixture.OpenAsync();
        await page.GotoAsync("/applications/shop/object?object=Deployment%2Fshop%2Fweb");
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Blame: where each field comes from" }).ClickAsync();
        await page.GetByPlaceholder("A field, such as").FillAsync("spec.replicas");
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Show", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "deploy/web.yaml:5" }).First.ClickAsync();
        await Assertions.Expect(page.Locator("tr:target")).ToContainTextAsync("replicas");
        await page.Context.CloseAsync();
    }
}
