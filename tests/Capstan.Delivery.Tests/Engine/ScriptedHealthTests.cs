namespace Capstan.Delivery.Tests.Engine;

/// <summary>Health in Lua, as <c>argocd-cm</c> holds it.</summary>
public sealed class ScriptedHealthTests
{
    private const string Map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\ndata: {state: ok}\n";

    private const string Script = """
        hs = {}
        if obj.data ~= nil and obj.data.state == "ok" then
          hs.status = "Healthy"
        else
          hs.status = "Degraded"
          hs.message = "state is " .. obj.data.state
        end
        return hs
        """;

    [Fact]
    public async Task A_script_decides_over_the_health_of_its_kind_and_of_the_application()
    {
        await using var ground = await Ground.StartAsync();
        await ground.SettingsAsync(("resource.customizations.health.ConfigMap", Script));
        await ground.SyncedOnceAsync(("deploy/a.yaml", Map));
        await ground.UntilAsync(s => s.At("health", "status")?.AsString() == "Healthy");
        await ground.Git.CommitAsync("Break", ("deploy/a.yaml", Map.Replace("ok", "broken", StringComparison.Ordinal)));
        var status = await ground.UntilAsync(s => s.At("health", "status")?.AsString() == "Degraded");
        Assert.Contains("state is broken", status["resources"]!.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("this is no lua", "failed: ")]
    [InlineData("return {status = 'Splendid'}", "returned the status")]
    [InlineData("while true do end", "took longer than")]
    public async Task A_script_that_fails_makes_the_object_unknown_and_says_why(string script, string message)
    {
        await using var ground = await Ground.StartAsync();
        await ground.SettingsAsync(("resource.customizations", YamlTextOf(script)));
        await ground.SyncedOnceAsync(("deploy/a.yaml", Map));
        var status = await ground.UntilAsync(s => s.At("health", "status")?.AsString() == "Unknown");
        Assert.Contains(message, status["resources"]!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wave_waits_for_what_a_script_says_and_a_change_of_the_script_is_taken_up()
    {
        await using var ground = await Ground.StartAsync();
        await ground.SettingsAsync(("resource.customizations.health.ConfigMap", "return {status = 'Progressing', message = 'not yet'}"));
        await ground.Git.CommitAsync("Begin", ("deploy/a.yaml", Map), ("deploy/b.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: later, annotations: {argocd.argoproj.io/sync-wave: '1'}}\n"));
        await ground.CreateApplicationAsync();
        await ground.UntilAsync(s => s.At("operationState", "message")?.AsString()?.Contains("waiting for healthy state of ConfigMap/shop/one", StringComparison.Ordinal) == true);
        Assert.Null(await ground.FindAsync("Secret", "later"));
        await ground.SettingsAsync(("resource.customizations.health.ConfigMap", Script));
        await Ground.UntilAsync(async () => await ground.FindAsync("Secret", "later"));
    }

    [Fact]
    public async Task A_hook_ends_as_the_script_of_its_kind_says()
    {
        await using var ground = await Ground.StartAsync();
        await ground.SettingsAsync(("resource.customizations.health.ConfigMap", Script));
        await ground.Git.CommitAsync("Begin", ("deploy/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: hook, annotations: {argocd.argoproj.io/hook: PreSync}}\ndata: {state: bad}\n"), ("deploy/b.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n"));
        await ground.CreateApplicationAsync("""{"automated":{},"syncOptions":["CreateNamespace=true"],"retry":{"limit":0}}""");
        var status = await ground.UntilAsync(s => s.At("operationState", "phase")?.AsString() == "Failed");
        Assert.Contains("state is bad", status.At("operationState", "message")!.AsString(), StringComparison.Ordinal);
        Assert.Null(await ground.FindAsync("Secret", "s"));
    }

    private static string YamlTextOf(string script) => $"ConfigMap:\n  health.lua: |\n    {script}\n";
}
