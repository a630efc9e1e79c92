using System.Text;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Micro;

/// <summary>A Deployment as it is in Git, as it is applied, and as a cluster has it.</summary>
internal static class Samples
{
    public const string Yaml = """
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: web
          namespace: shop
          labels:
            app: web
        spec:
          replicas: 2
          selector:
            matchLabels:
              app: web
          template:
            metadata:
              labels:
                app: web
            spec:
              serviceAccountName: web
              containers:
                - name: web
                  image: example.com/web:1.0
                  ports:
                    - containerPort: 8080
                      protocol: TCP
                  env:
                    - name: LEVEL
                      value: info
                  resources:
                    limits:
                      cpu: 500m
                      memory: 128Mi

        """;

    public static readonly byte[] YamlBytes = Encoding.UTF8.GetBytes(Yaml);

    public static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static readonly ObjectSchema Schema = BuiltInSchemas.For(new GroupVersionKind("apps", "v1", "Deployment"));

    public static readonly KubernetesObject Desired = new((YamlMap)YamlText.ReadOne(Yaml));

    public static readonly WriteContext Apply = new("capstan", Schema, Now);

    public static readonly KubernetesObject Live = Merged(null, Desired).With(["metadata", "uid"], "0b6c1f3e-0000-4000-8000-000000000000")
        .With(["metadata", "resourceVersion"], "4711")
        .With(["status"], YamlMap.Of(("observedGeneration", 1L), ("replicas", 2L), ("readyReplicas", 2L), ("availableReplicas", 2L), ("updatedReplicas", 2L)));

    public static readonly KubernetesObject Changed = Desired.With(["spec", "replicas"], 3L);

    public static readonly byte[] LiveJson = JsonText.WriteBytes(Live.Body);

    public static KubernetesObject Merged(KubernetesObject? live, KubernetesObject applied) =>
        ServerSideApply.Apply(live, applied, Apply, force: true) is ApplyOutcome.Applied result
            ? result.Object
            : throw new InvalidOperationException("the sample does not apply");
}
