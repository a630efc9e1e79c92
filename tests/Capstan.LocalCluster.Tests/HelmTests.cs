namespace Capstan.LocalCluster.Tests;

/// <summary>A Helm release's life with the real helm: install, test, upgrade, rollback, uninstall.</summary>
public sealed class HelmTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private static readonly (string File, string Text)[] Chart =
    [
        ("Chart.yaml", "apiVersion: v2\nname: shop\nversion: 1.0.0\n"),
        ("values.yaml", "image: web:1\nreplicas: 2\n"),
        ("crds/ships.yaml", """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: ships.helm.example.com}
            spec:
              group: helm.example.com
              scope: Namespaced
              names: {kind: Ship, plural: ships}
              versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {sails: {type: integer}}}}}}}]
            """),
        ("templates/web.yaml", """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: {{ .Release.Name }}}
            spec:
              replicas: {{ .Values.replicas }}
              selector: {matchLabels: {app: web}}
              template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: {{ .Values.image | quote }}}]}}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: {{ .Release.Name }}}
            spec: {selector: {app: web}, ports: [{port: 80}]}
            ---
            apiVersion: helm.example.com/v1
            kind: Ship
            metadata: {name: {{ .Release.Name }}}
            spec: {sails: 3}
            """),
        ("templates/test.yaml", """
            apiVersion: v1
            kind: Pod
            metadata: {name: {{ .Release.Name }}-test, annotations: {helm.sh/hook: test}}
            spec: {restartPolicy: Never, containers: [{name: t, image: busybox, command: ["true"]}]}
            """),
    ];

    [Fact]
    public async Task A_release_is_installed_tested_upgraded_rolled_back_and_uninstalled()
    {
        var judges = Path.GetDirectoryName(Kubectl.Programs().FirstOrDefault() ?? "");
        var helm = Path.Combine(judges ?? "", "helm");
        Assert.SkipUnless(File.Exists(helm), "no helm: run eng/judges/fetch.sh");
        var chart = Directory.CreateTempSubdirectory("capstan-helm-").FullName;
        foreach (var (file, text) in Chart)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(chart, file))!);
            await File.WriteAllTextAsync(Path.Combine(chart, file), text, TestContext.Current.CancellationToken);
        }

        try
        {
            Assert.Contains("STATUS: deployed", await Run(helm, "install", "shop", chart, "--namespace", "helm", "--create-namespace", "--wait", "--timeout=60s"));
            Assert.Contains("Phase:          Succeeded", await Run(helm, "test", "shop", "--namespace", "helm", "--timeout=60s"));
            Assert.Contains("REVISION: 2", await Run(helm, "upgrade", "shop", chart, "--namespace", "helm", "--set", "image=web:2", "--set", "replicas=3", "--wait", "--timeout=60s"));
            Assert.Equal("web:2 3", await Deployed());
            Assert.Contains("Rollback was a success", await Run(helm, "rollback", "shop", "1", "--namespace", "helm", "--wait", "--timeout=60s"));
            Assert.Equal("web:1 2", await Deployed());
            Assert.Contains("Rollback to 1", await Run(helm, "history", "shop", "--namespace", "helm"));
            Assert.Contains("uninstalled", await Run(helm, "uninstall", "shop", "--namespace", "helm", "--wait", "--timeout=60s"));
            Assert.Equal("", await Run(Path.Combine(judges!, "kubectl"), "-n", "helm", "get", "deploy,svc,ships", "-o", "name"));
        }
        finally
        {
            Directory.Delete(chart, recursive: true);
        }

        Task<string> Deployed() => Run(Path.Combine(judges!, "kubectl"), "-n", "helm", "get", "deploy", "shop", "-o", "jsonpath={.spec.template.spec.containers[0].image} {.status.readyReplicas}");
    }

    private async Task<string> Run(string program, params string[] arguments)
    {
        var (code, output, error) = await Kubectl.RunAsync(program, fixture.Server.KubeconfigPath, "", arguments);
        Assert.True(code == 0, $"{Path.GetFileName(program)} {string.Join(' ', arguments)}: {error}{output}");
        return output;
    }
}
