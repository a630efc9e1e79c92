using Capstan.Oci.References;
using Capstan.Promotion.Pipelines;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Promotion.Tests;

/// <summary>Pipelines and releases for tests.</summary>
internal static class Make
{
    public static readonly DateTimeOffset Start = new(2030, 1, 2, 12, 0, 0, TimeSpan.Zero);

    public static string Digest(char of) => "sha256:" + new string(of, 64);

    public static Release Release(int number, string image = "registry.example/shop") => new($"shop-{number}", "shop", new string((char)('0' + number), 40),
        [new ReleaseImage("shop", ImageReference.Parse($"{image}:1.{number}@{Digest((char)('a' + number))}"))], Start.AddMinutes(number));

    public static PipelineSpec Pipeline(string stages) => PipelineReader.Read(Object(stages));

    public static KubernetesObject Object(string stages) => new((YamlMap)YamlText.ReadOne(System.Text.Encoding.UTF8.GetBytes($"""
        apiVersion: capstan.dev/v1alpha1
        kind: DeliveryPipeline
        metadata:
          name: shop
          namespace: capstan
        spec:
          stages:
        {stages}
        """))!);

    public const string ThreeStages = """
          - name: dev
            applications: [shop-dev]
            write: {repository: shop-envs, kustomization: dev/kustomization.yaml}
          - name: staging
            soak: 10m
            applications: [shop-staging]
            write: {repository: shop-envs, kustomization: staging/kustomization.yaml}
            gates: [{type: Healthy, for: 5m}]
          - name: prod
            applications: [shop-prod]
            write: {repository: shop-envs, kustomization: prod/kustomization.yaml}
            gates: [{type: Approval, count: 1}]
        """;
}
