using Capstan.Delivery.Controllers;
using Capstan.Delivery.Migrating;

namespace Capstan.Delivery.Tests.Migrating;

/// <summary>What a migration says of an export.</summary>
public sealed class MigrationPlannerTests
{
    private const string Good = """
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: shop}
        spec:
          project: default
          source: {repoURL: "https://git.example/shop.git", path: deploy}
          destination: {server: "https://kubernetes.default.svc", namespace: shop}
        """;

    [Fact]
    public void An_application_that_is_served_in_full_is_supported()
    {
        var item = Assert.Single(Plan(Good).Items);
        Assert.Equal((MigrationVerdict.Supported, "argocd"), (item.Verdict, item.Source.Object.Namespace));
        Assert.Empty(item.Findings);
    }

    [Fact]
    public void What_is_not_served_is_named_with_file_line_and_column()
    {
        var item = Assert.Single(Plan(Good.Replace("path: deploy}", "path: deploy, plugin: {name: cue}}", StringComparison.Ordinal)).Items);
        Assert.Equal(MigrationVerdict.NotSupported, item.Verdict);
        Assert.StartsWith("export.yaml:6:67: Application/argocd/shop: spec.source.plugin", Assert.Single(item.Findings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kind: Secret\nmetadata: {name: c, labels: {argocd.argoproj.io/secret-type: cluster}}\ndata: {name: YQ==, server: aHR0cHM6Ly9h, config: eyJhd3NBdXRoQ29uZmlnIjp7fX0=}", MigrationVerdict.NotSupported, "awsAuthConfig")]
    [InlineData("kind: Secret\nmetadata: {name: argocd-secret}", MigrationVerdict.Left, "sign-in")]
    [InlineData("kind: ConfigMap\nmetadata: {name: argocd-cm}\ndata: {dex.config: x}", MigrationVerdict.Differs, "export.yaml:4:8: ConfigMap/argocd/argocd-cm: data.dex.config")]
    [InlineData("kind: ConfigMap\nmetadata: {name: argocd-rbac-cm}\ndata: {policy.csv: x}", MigrationVerdict.Left, "data.policy.csv: rights")]
    [InlineData("kind: ConfigMap\nmetadata: {name: argocd-cmd-params-cm}\ndata: {application.namespaces: a}", MigrationVerdict.Left, "--app-namespaces")]
    public void Settings_and_secrets_are_judged_too(string text, MigrationVerdict verdict, string says)
    {
        var item = Assert.Single(Plan("apiVersion: v1\n" + text).Items);
        Assert.Equal(verdict, item.Verdict);
        Assert.Contains(says, Assert.Single(item.Findings), StringComparison.Ordinal);
    }

    [Fact]
    public void Lists_are_taken_apart_and_projects_come_before_applications()
    {
        var list = "apiVersion: v1\nkind: List\nitems:\n- " + Good.ReplaceLineEndings("\n").Replace("\n", "\n  ", StringComparison.Ordinal)
            + "\n- {apiVersion: argoproj.io/v1alpha1, kind: AppProject, metadata: {name: team}, spec: {}}\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: other}}\n";
        Assert.Equal(["AppProject", "Application"], Plan(list).Items.Select(i => i.Source.Object.Kind));
    }

    [Theory]
    [InlineData("a: [", "export.yaml:")]
    [InlineData("- a", "is no Kubernetes object")]
    [InlineData("apiVersion: v1\n", "is no Kubernetes object")]
    public void What_is_no_export_is_refused_with_its_place(string text, string says) =>
        Assert.Contains(says, Assert.Throws<DeliveryException>(() => Plan(text)).Message, StringComparison.Ordinal);

    private static MigrationPlan Plan(string text) => MigrationPlanner.Plan(MigrationExport.Read("export.yaml", System.Text.Encoding.UTF8.GetBytes(text), "argocd"));
}
