using Capstan.Delivery.Sync.Directives;

namespace Capstan.Delivery.Tests.Sync;

public sealed class ObjectDirectivesTests
{
    private static ObjectDirectives Read(params (string Name, string Value)[] annotations)
    {
        var made = Make.Object("""{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"migrate"}}""");
        return ObjectDirectives.Of(annotations.Aggregate(made, (o, a) => o.WithAnnotation(a.Name, a.Value)));
    }

    [Theory]
    [InlineData("PreSync", HookTypes.PreSync)]
    [InlineData("PreSync, PostSync", HookTypes.PreSync | HookTypes.PostSync)]
    [InlineData("Skip", HookTypes.None)]
    [InlineData("Skip,Sync", HookTypes.Sync)]
    [InlineData("Foo,,PreSync", HookTypes.PreSync)]
    [InlineData("Foo", HookTypes.None)]
    [InlineData("", HookTypes.None)]
    [InlineData("presync", HookTypes.None)]
    public void Argo_hook_types(string value, HookTypes expected)
    {
        var read = Read((HookAnnotations.Hook, value));
        Assert.True(read.IsHook);
        Assert.Equal(expected, read.Hooks);
    }

    [Theory]
    [InlineData("pre-install", HookTypes.PreSync)]
    [InlineData("pre-install,pre-upgrade", HookTypes.PreSync)]
    [InlineData("post-install,pre-upgrade", HookTypes.PreSync | HookTypes.PostSync)]
    [InlineData("post-delete", HookTypes.PostDelete)]
    [InlineData("test", HookTypes.None)]
    [InlineData("pre-rollback", HookTypes.None)]
    public void Helm_hook_types(string value, HookTypes expected)
    {
        var read = Read((HookAnnotations.HelmHook, value));
        Assert.True(read.IsHook);
        Assert.Equal(expected, read.Hooks);
        Assert.Empty(read.Warnings);
    }

    [Fact]
    public void A_definition_that_helm_installs_first_is_a_plain_object() => Assert.False(Read((HookAnnotations.HelmHook, "crd-install")).IsHook);

    [Theory]
    [InlineData("PostSync", "pre-install", HookTypes.PostSync)]
    [InlineData("Foo", "pre-install", HookTypes.PreSync)]
    public void Helm_types_count_for_an_object_without_a_valid_type_of_argo(string argo, string helm, HookTypes expected) =>
        Assert.Equal(expected, Read((HookAnnotations.Hook, argo), (HookAnnotations.HelmHook, helm)).Hooks);

    [Theory]
    [InlineData(null, null, HookDeletion.BeforeHookCreation)]
    [InlineData("HookSucceeded", null, HookDeletion.HookSucceeded)]
    [InlineData("HookSucceeded", "hook-failed", HookDeletion.HookSucceeded | HookDeletion.HookFailed)]
    [InlineData(null, "before-hook-creation, hook-succeeded", HookDeletion.BeforeHookCreation | HookDeletion.HookSucceeded)]
    [InlineData("Nonsense", null, HookDeletion.BeforeHookCreation)]
    public void Delete_policies_of_both_are_united(string? argo, string? helm, HookDeletion expected)
    {
        (string, string)[] policies = [.. argo is null ? [] : (ReadOnlySpan<(string, string)>)[(HookAnnotations.DeletePolicy, argo)], .. helm is null ? [] : (ReadOnlySpan<(string, string)>)[(HookAnnotations.HelmDeletePolicy, helm)]];
        Assert.Equal(expected, Read([(HookAnnotations.Hook, "Sync"), .. policies]).Deletion);
    }

    [Theory]
    [InlineData("5", null, 5)]
    [InlineData("-3", null, -3)]
    [InlineData("99999999999999999999", "7", 7)]
    [InlineData("x", null, 0)]
    [InlineData(null, "-2", -2)]
    public void A_wave_that_is_no_integer_falls_back_to_helms_weight_and_then_to_0(string? wave, string? weight, int expected)
    {
        (string, string)[] said = [.. wave is null ? [] : (ReadOnlySpan<(string, string)>)[("argocd.argoproj.io/sync-wave", wave)], .. weight is null ? [] : (ReadOnlySpan<(string, string)>)[(HookAnnotations.HelmWeight, weight)]];
        Assert.Equal(expected, Read(said).Wave);
    }

    [Fact]
    public void What_is_not_understood_is_a_warning_that_names_annotation_and_word()
    {
        var read = Read((HookAnnotations.Hook, "Foo,PreSync"), ("argocd.argoproj.io/sync-wave", "soon"), ("argocd.argoproj.io/sync-options", "Prune=maybe,Whatever"));
        Assert.Collection(
            read.Warnings.Order(StringComparer.Ordinal),
            w => Assert.StartsWith("annotation argocd.argoproj.io/hook: \"Foo\"", w),
            w => Assert.StartsWith("annotation argocd.argoproj.io/sync-options: \"Prune=maybe\"", w),
            w => Assert.StartsWith("annotation argocd.argoproj.io/sync-options: \"Whatever\"", w),
            w => Assert.StartsWith("annotation argocd.argoproj.io/sync-wave: \"soon\"", w));
    }

    [Fact]
    public void Helms_keep_is_never_to_delete() =>
        Assert.Equal(Removal.Never, Read(("helm.sh/resource-policy", "keep")).Options.Delete);

    [Theory]
    [InlineData("Prune=false", Removal.Never)]
    [InlineData("Prune=confirm", Removal.Confirmed)]
    [InlineData("Prune=true", Removal.AsAsked)]
    public void Pruning_of_one_object(string option, Removal expected) =>
        Assert.Equal(expected, Read(("argocd.argoproj.io/sync-options", $"Replace=false, {option}")).Options.Prune);
}
