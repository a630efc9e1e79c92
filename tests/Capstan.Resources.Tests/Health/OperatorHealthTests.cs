using Capstan.Yaml;

namespace Capstan.Resources.Tests;

/// <summary>Objects of well-known operators as their controllers leave them, each with what is expected of it.</summary>
public sealed class OperatorHealthTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "testdata", "operators");

    private static readonly IReadOnlyList<(string Name, YamlMap Case, KubernetesObject Object)> All =
    [
        .. Directory.GetFiles(Folder, "*.yaml").SelectMany(file => ((YamlList)YamlText.ReadOne(File.ReadAllBytes(file))).OfType<YamlMap>())
            .SelectMany((c, i) => ((YamlList)c["kinds"]!).Select(k => (
                $"{i + 1}: {k.AsString()} of {c["apiVersion"]!.AsString()} is {c["is"]!.AsString()}", c,
                new KubernetesObject(c.Without("is").Without("says").Without("kinds").With("kind", k))))),
    ];

    public static TheoryData<string> Cases => [.. All.Select(c => c.Name)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_a_controller_wrote_is_read_as_it_means_it(string name)
    {
        var (_, expected, @object) = All.First(c => c.Name == name);
        var health = HealthAssessment.Of(@object);
        Assert.Equal((expected["is"]!.AsString(), expected["says"]!.AsString()), (health?.Status.ToString(), health?.Message));
    }

    [Fact]
    public void Every_kind_with_a_rule_has_a_case()
    {
        var tried = All.Select(c => c.Object.GroupKind).ToHashSet();
        Assert.Empty(HealthAssessment.OperatorKinds.Where(k => !tried.Contains(k)).Select(k => k.ToString()));
    }

    [Fact]
    public void Settings_of_a_provider_have_no_health() => Assert.Null(HealthAssessment.Of(new KubernetesObject(
        YamlMap.Of(("apiVersion", "aws.upbound.io/v1beta1"), ("kind", "ProviderConfig"), ("metadata", YamlMap.Of(("name", "default")))))));

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_status_of_another_shape_is_never_a_crash(string name)
    {
        var @object = All.First(c => c.Name == name).Object;
        foreach (var hostile in (YamlNode[])["text", 1, new YamlList(["a", 1, YamlMap.Empty]), YamlMap.Of(("conditions", "none"), ("phase", YamlMap.Empty), ("parents", 1))])
        {
            Assert.NotNull(HealthAssessment.Of(new KubernetesObject(@object.Body.With("status", hostile))));
        }
    }
}
