using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Tests.Engine;

/// <summary>By what objects are known to belong to an Application: <c>application.resourceTrackingMethod</c>.</summary>
public sealed class TrackingTests
{
    private const string Two = """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: one}
        data: {k: "1"}
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: two}
        data: {k: "1"}
        """;

    private const string One = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\ndata: {k: '1'}\n";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static string? Label(KubernetesObject? map, string key = "app.kubernetes.io/instance") => map?.Body.At("metadata", "labels", key)?.AsString();

    [Theory]
    [InlineData(ClusterKind.Local)]
    [InlineData(ClusterKind.Real)]
    public async Task By_label_objects_carry_no_annotation_and_what_left_the_source_is_found_by_its_label(ClusterKind kind)
    {
        await using var ground = await Ground.StartAsync(kind: kind);
        await ground.SettingsAsync(("application.resourceTrackingMethod", "label"));
        await ground.SyncedOnceAsync(("deploy/a.yaml", Two));
        var map = await ground.FindAsync("ConfigMap", "two");
        Assert.Equal(ground.Key().Name, Label(map));
        Assert.Null(map!.Annotation("argocd.argoproj.io/tracking-id"));

        await ground.SyncedAsync(await ground.Git.CommitAsync("Drop two", ("deploy/a.yaml", One)));
        Assert.Null(await ground.FindAsync("ConfigMap", "two"));
    }

    [Fact]
    public async Task The_label_may_have_another_name_and_with_the_annotation_it_is_for_people_only()
    {
        await using var ground = await Ground.StartAsync();
        await ground.SettingsAsync(("application.resourceTrackingMethod", "annotation+label"), ("application.instanceLabelKey", "example.com/app"));
        await ground.SyncedOnceAsync(("deploy/a.yaml", Two));
        var map = await ground.FindAsync("ConfigMap", "one");
        Assert.Equal("shop", Label(map, "example.com/app"));
        Assert.Equal("shop:/ConfigMap:shop/one", map!.Annotation("argocd.argoproj.io/tracking-id"));

        // Somebody else's object with the same label is none of the Application's.
        await ground.Client.CreateAsync(Make.ConfigMap("three").WithLabel("example.com/app", "shop"), cancellation: Cancel);
        await ground.SyncedAsync(await ground.Git.CommitAsync("Drop two", ("deploy/a.yaml", One)));
        Assert.Null(await ground.FindAsync("ConfigMap", "two"));
        Assert.NotNull(await ground.FindAsync("ConfigMap", "three"));
    }

    [Fact]
    public async Task A_change_of_the_method_marks_the_objects_anew_and_makes_none_of_them_again()
    {
        await using var ground = await Ground.StartAsync();
        await ground.SyncedOnceAsync(("deploy/a.yaml", Two));
        var before = await ground.FindAsync("ConfigMap", "two");
        await ground.SettingsAsync(("application.resourceTrackingMethod", "label"), ("application.instanceLabelKey", "example.com/app"));
        var after = await Ground.UntilAsync(async () => await ground.FindAsync("ConfigMap", "two") is { } map && Label(map, "example.com/app") == "shop" ? map : null);
        Assert.Equal(before!.Uid, after.Uid);

        await ground.SyncedAsync(await ground.Git.CommitAsync("Drop two", ("deploy/a.yaml", One)));
        Assert.Null(await ground.FindAsync("ConfigMap", "two"));
    }

    [Fact]
    public async Task Objects_of_another_installation_are_none_of_ours()
    {
        await using var ground = await Ground.StartAsync();
        await ground.SettingsAsync(("installationID", "blue"));
        var theirs = Make.ConfigMap("green", tracking: "shop:/ConfigMap:shop/green").WithAnnotation("argocd.argoproj.io/installation-id", "green");
        var ours = Make.ConfigMap("blue", tracking: "shop:/ConfigMap:shop/blue").WithAnnotation("argocd.argoproj.io/installation-id", "blue");
        await ground.Client.CreateAsync(Make.Object("""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop"}}"""), cancellation: Cancel);
        await ground.Client.CreateAsync(theirs, cancellation: Cancel);
        await ground.Client.CreateAsync(ours, cancellation: Cancel);
        await ground.SyncedOnceAsync(("deploy/a.yaml", One));
        await Ground.UntilAsync(async () => await ground.FindAsync("ConfigMap", "blue") is null ? "" : null);
        Assert.NotNull(await ground.FindAsync("ConfigMap", "green"));
    }

    [Fact]
    public async Task A_method_that_there_is_not_stops_everything_and_is_named()
    {
        await using var ground = await Ground.StartAsync();
        await ground.SettingsAsync(("application.resourceTrackingMethod", "magic"));
        await ground.Git.CommitAsync("Begin", ("deploy/a.yaml", One));
        await ground.CreateApplicationAsync();
        var status = await ground.UntilAsync(s => s["conditions"] is YamlList { Count: > 0 });
        Assert.Contains("is no method; use annotation, label or annotation+label", status["conditions"]!.ToString(), StringComparison.Ordinal);
        Assert.Null(await ground.FindAsync("ConfigMap", "one"));
    }
}
