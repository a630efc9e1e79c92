using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Bench;

/// <summary>The objects that the scenarios deploy.</summary>
internal static class ApplicationObjects
{
    public static KubernetesObject Application(string name, string repository, string path, string ns) => new(YamlMap.Of(
        ("apiVersion", "argoproj.io/v1alpha1"),
        ("kind", "Application"),
        ("metadata", YamlMap.Of(("name", name), ("namespace", "capstan"))),
        ("spec", YamlMap.Of(
            ("project", "default"),
            ("source", YamlMap.Of(("repoURL", repository), ("path", path), ("targetRevision", "main"))),
            ("destination", YamlMap.Of(("server", "https://kubernetes.default.svc"), ("namespace", ns))),
            ("syncPolicy", YamlMap.Of(
                ("automated", YamlMap.Of(("prune", true), ("selfHeal", true))),
                ("syncOptions", new YamlList(["CreateNamespace=true"]))))))));

    public static string ConfigMap(string name, string value) => $$"""
        apiVersion: v1
        kind: ConfigMap
        metadata:
          name: {{name}}
        data:
          value: "{{value}}"

        """;

    /// <summary>The five objects of one application of the fleet. Old API servers refuse ports without a protocol on server-side apply.</summary>
    public static string Service(string name) => $$"""
        apiVersion: v1
        kind: ServiceAccount
        metadata:
          name: {{name}}
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata:
          name: {{name}}
        data:
          LOG_LEVEL: info
        ---
        apiVersion: v1
        kind: Secret
        metadata:
          name: {{name}}
        stringData:
          password: "{{name}}"
        ---
        apiVersion: v1
        kind: Service
        metadata:
          name: {{name}}
        spec:
          selector:
            app: {{name}}
          ports:
            - port: 80
              protocol: TCP
              targetPort: 8080
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: {{name}}
          labels:
            app: {{name}}
        spec:
          replicas: 1
          selector:
            matchLabels:
              app: {{name}}
          template:
            metadata:
              labels:
                app: {{name}}
            spec:
              serviceAccountName: {{name}}
              containers:
                - name: web
                  image: example.com/{{name}}:1.0
                  ports:
                    - containerPort: 8080
                      protocol: TCP
                  envFrom:
                    - configMapRef:
                        name: {{name}}

        """;
}
