using Capstan.Yaml;

namespace Capstan.Resources.Tests;

public sealed class HealthAssessmentTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "testdata", "health");

    public static TheoryData<string> Fixtures => [.. Directory.GetFiles(Folder, "*.json").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void A_state_is_assessed_as_Argo_CD_does(string name)
    {
        var fixture = (YamlMap)JsonText.Read(File.ReadAllBytes(Path.Combine(Folder, name + ".json")));
        var health = HealthAssessment.Of(new KubernetesObject((YamlMap)fixture["object"]!));
        Assert.Equal((fixture.At("expected", "status")!.AsString(), fixture.At("expected", "message")!.AsString()), (health?.Status.ToString(), health?.Message));
    }

    [Fact]
    public void Every_kind_with_a_rule_has_fixtures()
    {
        var names = Fixtures.Select(f => f.Data).ToList();
        Assert.All(HealthAssessment.Kinds, k => Assert.Contains(names, n => n.StartsWith(k.Kind.ToLowerInvariant() + "-", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_kind_without_a_rule_has_no_health() =>
        Assert.Null(HealthAssessment.Of(new KubernetesObject(YamlMap.Of(("apiVersion", "v1"), ("kind", "ConfigMap")))));

    [Fact]
    public void A_hook_that_is_held_by_its_finalizer_keeps_its_health()
    {
        var job = new KubernetesObject((YamlMap)JsonText.Read("""
            {"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"a","deletionTimestamp":"2026-01-01T00:00:00Z","finalizers":["argocd.argoproj.io/hook-finalizer"]},
             "status":{"conditions":[{"type":"Complete","status":"True"}]}}
            """));
        Assert.Equal(HealthStatus.Healthy, HealthAssessment.Of(job)!.Value.Status);
    }

    [Fact]
    public void The_worst_state_wins()
    {
        var order = new[] { HealthStatus.Healthy, HealthStatus.Suspended, HealthStatus.Progressing, HealthStatus.Missing, HealthStatus.Degraded, HealthStatus.Unknown };
        Assert.Equal(order, order.OrderBy(s => s));
        Assert.Equal(HealthStatus.Degraded, HealthAssessment.Worst(HealthStatus.Degraded, HealthStatus.Missing));
    }
}
