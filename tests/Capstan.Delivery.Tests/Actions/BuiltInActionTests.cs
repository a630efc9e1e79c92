using Capstan.Delivery.Actions;
using Capstan.Delivery.Controllers;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Tests.Actions;

public sealed class BuiltInActionTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static KubernetesObject Live(string yaml) => new((YamlMap)YamlText.ReadOne(yaml));

    private static BuiltInAction Find(KubernetesObject live, string name) => BuiltInActions.Of(live.GroupKind).Single(a => a.Name == name);

    private static string Patch(string yaml, string name, params (string, string)[] values)
    {
        var live = Live(yaml);
        var change = Find(live, name).Change(live, new ActionInputs(values.ToDictionary(v => v.Item1, v => v.Item2), Now));
        return change.IsNew ? JsonText.Write(change.Object.Body) : JsonText.Write(MergePatch.Create(live.Body, change.Object.Body));
    }

    [Theory]
    [InlineData("{apiVersion: apps/v1, kind: Deployment, spec: {template: {}}}", "restart", """{"spec":{"template":{"metadata":{"annotations":{"kubectl.kubernetes.io/restartedAt":"2026-03-01T12:00:00Z"}}}}}""")]
    [InlineData("{apiVersion: apps/v1, kind: Deployment, spec: {paused: true}}", "resume", """{"spec":{"paused":false}}""")]
    [InlineData("{apiVersion: batch/v1, kind: CronJob, spec: {}}", "suspend", """{"spec":{"suspend":true}}""")]
    [InlineData("{apiVersion: batch/v1, kind: Job, spec: {}}", "terminate", """{"spec":{"activeDeadlineSeconds":1}}""")]
    [InlineData("{apiVersion: argoproj.io/v1alpha1, kind: Rollout, spec: {}, status: {}}", "abort", """{"status":{"abort":true}}""")]
    [InlineData("{apiVersion: argoproj.io/v1alpha1, kind: Rollout, spec: {}, status: {abort: true}}", "retry", """{"status":{"abort":false}}""")]
    [InlineData("{apiVersion: argoproj.io/v1alpha1, kind: Rollout, spec: {paused: true}, status: {pauseConditions: [{reason: CanaryPauseStep}]}}", "promote", """{"spec":{"paused":false},"status":{"pauseConditions":null}}""")]
    [InlineData("{apiVersion: argoproj.io/v1alpha1, kind: Rollout, spec: {}, status: {}}", "promote-full", """{"status":{"promoteFull":true}}""")]
    [InlineData("{apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, metadata: {}, spec: {}}", "reconcile", """{"metadata":{"annotations":{"reconcile.fluxcd.io/requestedAt":"2026-03-01T12:00:00Z"}}}""")]
    [InlineData("{apiVersion: external-secrets.io/v1, kind: ExternalSecret, metadata: {}}", "refresh", """{"metadata":{"annotations":{"force-sync":"2026-03-01T12:00:00Z"}}}""")]
    [InlineData("{apiVersion: postgresql.cnpg.io/v1, kind: Cluster, metadata: {}}", "suspend", """{"metadata":{"annotations":{"cnpg.io/hibernation":"on"}}}""")]
    public void An_action_changes_the_fields_that_its_controller_goes_by(string yaml, string action, string patch) => Assert.Equal(patch, Patch(yaml, action));

    [Fact]
    public void A_scale_wants_a_number_that_fits()
    {
        const string deployment = "{apiVersion: apps/v1, kind: Deployment, spec: {replicas: 1}}";
        Assert.Equal("""{"spec":{"replicas":4}}""", Patch(deployment, "scale", ("replicas", "4")));
        foreach (var wrong in (string[])["", "-1", "many", "100001"])
        {
            Assert.Contains("is no whole number between 0 and 100000", Assert.Throws<DeliveryException>(() => Patch(deployment, "scale", ("replicas", wrong))).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_job_of_a_time_table_is_owned_by_it_and_fits_the_length_of_names()
    {
        var made = Patch($"{{apiVersion: batch/v1, kind: CronJob, metadata: {{name: {new string('a', 60)}, namespace: shop, uid: u1}}, spec: {{jobTemplate: {{metadata: {{labels: {{a: b}}}}, spec: {{template: {{}}}}}}}}}}", "create-job");
        var job = new KubernetesObject((YamlMap)JsonText.Read(made));
        Assert.Equal(63, job.Name.Length);
        Assert.Equal("u1", ((YamlList)job.Metadata["ownerReferences"]!)[0] is YamlMap owner ? owner["uid"]!.AsString() : null);
        Assert.Equal("b", job.Body.At("metadata", "labels", "a")!.AsString());
    }

    [Theory]
    [InlineData("{apiVersion: apps/v1, kind: Deployment, spec: {paused: true}}", "restart pause")]
    [InlineData("{apiVersion: apps/v1, kind: Deployment, spec: {}}", "resume")]
    [InlineData("{apiVersion: batch/v1, kind: Job, spec: {}, status: {conditions: [{type: Complete, status: 'True'}]}}", "suspend resume terminate")]
    [InlineData("{apiVersion: argoproj.io/v1alpha1, kind: Rollout, spec: {}, status: {stableRS: a, currentPodHash: a}}", "resume promote promote-full skip-current-step abort retry")]
    public void What_makes_no_sense_in_a_state_cannot_be_done_in_it(string yaml, string impossible)
    {
        var live = Live(yaml);
        Assert.Equal(impossible.Split(' '), BuiltInActions.Of(live.GroupKind).Where(a => !a.IsPossible(live)).Select(a => a.Name));
    }
}
