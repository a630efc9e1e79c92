namespace Capstan.Cli.Tests;

public sealed class RenderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("capstan-render-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_chart_takes_the_arguments_of_helm_template()
    {
        Write("chart/Chart.yaml", "apiVersion: v2\nname: shop\nversion: 1.0.0\n");
        Write("chart/values.yaml", "colour: red\n");
        Write("chart/templates/one.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n  namespace: {{ .Release.Namespace }}\ndata:\n  colour: {{ required \"a colour\" .Values.colour }}\n");
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await RunAsync(output, error, "render", "mine", Path.Combine(_folder, "chart"), "-n", "prod", "--set", "colour=blue");
        Assert.True(code == 0, error.ToString());
        Assert.Equal("---\n# Source: shop/templates/one.yaml\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: mine\n  namespace: prod\ndata:\n  colour: blue\n", output.ToString());

        error = new StringWriter();
        Assert.Equal(1, await RunAsync(new StringWriter(), error, "render", Path.Combine(_folder, "chart"), "--set", "colour="));
        Assert.Contains("Error: ", error.ToString(), StringComparison.Ordinal);

        error = new StringWriter();
        Assert.Equal(1, await RunAsync(new StringWriter(), error, "render", Path.Combine(_folder, "chart"), "--set-file", "x=/nope"));
        Assert.Equal("Error: failed parsing --set-file data: open /nope: no such file or directory\n", error.ToString());

        error = new StringWriter();
        Assert.Equal(1, await RunAsync(new StringWriter(), error, "render", Path.Combine(_folder, "chart"), "--post-renderer", "cat"));
        Assert.Equal("Error: --post-renderer: no program is run while rendering. Pipe the output through it\n", error.ToString());
    }

    [Fact]
    public async Task A_folder_of_manifests_is_printed_with_its_places()
    {
        Write("deploy/a.yaml", "kind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\n");
        var output = new StringWriter();
        Assert.Equal(0, await RunAsync(output, new StringWriter(), "render", Path.Combine(_folder, "deploy"), "-n", "shop"));
        Assert.Equal("---\n# Source: a.yaml:1\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  namespace: shop\n", output.ToString());
    }

    [Fact]
    public async Task A_kustomization_takes_the_flags_of_kubectl_and_bases_from_beside_it()
    {
        Write("base/kustomization.yaml", "resources: [a.yaml]\n");
        Write("base/a.yaml", "kind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\n");
        Write("shared.yaml", "kind: ConfigMap\napiVersion: v1\nmetadata: {name: b}\n");
        Write("prod/kustomization.yaml", "resources: [../base, ../shared.yaml]\nnamePrefix: prod-\n");
        var (output, error) = (new StringWriter(), new StringWriter());
        Assert.Equal(1, await RunAsync(output, error, "render", Path.Combine(_folder, "prod")));
        Assert.Contains("'../shared.yaml' is not in or below", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, await RunAsync(output, error, "render", "--load-restrictor=LoadRestrictionsNone", Path.Combine(_folder, "prod")));
        Assert.Equal("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: prod-a\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: prod-b\n", output.ToString());

        var files = Directory.CreateDirectory(Path.Combine(_folder, "out")).FullName;
        Assert.Equal(0, await RunAsync(output, error, "render", Path.Combine(_folder, "base"), "-o", files));
        Assert.Equal(["v1_configmap_a.yaml"], Directory.EnumerateFiles(files).Select(Path.GetFileName));
        Assert.Equal(2, await RunAsync(output, error, "render", Path.Combine(_folder, "base"), "--enable-alpha-plugins"));
    }

    // The bytes are those of kubectl kustomize --enable-helm with these files.
    [Fact]
    public async Task Charts_of_a_kustomization_are_rendered_where_that_is_allowed()
    {
        Write("k/charts/leaf/Chart.yaml", "apiVersion: v2\nname: leaf\nversion: 1.0.0\n");
        Write("k/charts/leaf/values.yaml", "x: own\nz: own\n");
        Write("k/charts/leaf/templates/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: '{{ .Release.Name }}'}\ndata: {x: '{{ .Values.x }}', z: '{{ .Values.z }}', v: '{{ .Capabilities.KubeVersion.Version }}'}\n");
        Write("k/v.yaml", "z: file\n");
        Write("k/kustomization.yaml", "namePrefix: z-\nhelmCharts:\n- {name: leaf, releaseName: a, valuesFile: v.yaml}\n- {name: leaf, releaseName: b, valuesInline: {x: inline}, kubeVersion: 1.30.0}\n- {name: leaf, releaseName: c, valuesInline: {x: inline}, valuesMerge: merge}\n");
        var (output, error) = (new StringWriter(), new StringWriter());
        Assert.Equal(1, await RunAsync(output, error, "render", Path.Combine(_folder, "k")));
        Assert.Contains("must specify --enable-helm", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, await RunAsync(output, error, "render", "--enable-helm", "--helm-kube-version=1.31.0", Path.Combine(_folder, "k")));
        string ConfigMap(string name, string x, string z, string v) => $"apiVersion: v1\ndata:\n  v: {v}\n  x: {x}\n  z: {z}\nkind: ConfigMap\nmetadata:\n  name: z-{name}\n";
        Assert.Equal($"{ConfigMap("a", "own", "file", "v1.31.0")}---\n{ConfigMap("b", "inline", "own", "v1.30.0")}---\n{ConfigMap("c", "own", "own", "v1.31.0")}", output.ToString());

        Write("k/kustomization.yaml", "helmCharts: [{name: ../leaf}]\n");
        Assert.Equal(1, await RunAsync(output, error, "render", "--enable-helm", Path.Combine(_folder, "k")));
    }

    // Tried against kubectl kustomize --enable-helm, with a helm 4 that answers the question for its version as helm 3 does.
    [Theory]
    [InlineData("", "false false v1.35.0")]
    [InlineData("--helm-api-versions my/v1", "true false v1.35.0")]
    [InlineData("--helm-api-versions=my/v1,my/v2/Kind", "true true v1.35.0")]
    [InlineData("--helm-api-versions my/v1 --helm-api-versions my/v2/Kind --helm-kube-version 1.29.1", "true true v1.29.1")]
    [InlineData("--helm-kube-version v1.27", "false false v1.27")]
    public async Task Charts_of_a_kustomization_see_the_apis_and_the_version_that_are_said(string flags, string seen)
    {
        Write("k/charts/x/Chart.yaml", "apiVersion: v2\nname: x\nversion: 0.1.0\n");
        Write("k/charts/x/templates/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata:\n  seen: {{ .Capabilities.APIVersions.Has \"my/v1\" }} {{ .Capabilities.APIVersions.Has \"my/v2/Kind\" }} {{ .Capabilities.KubeVersion.Version }}\n");
        Write("k/kustomization.yaml", "helmCharts: [{name: x, releaseName: r}]\n");
        var (output, error) = (new StringWriter(), new StringWriter());
        Assert.Equal(0, await RunAsync(output, error, ["render", "--enable-helm", .. flags.Split(' ', StringSplitOptions.RemoveEmptyEntries), Path.Combine(_folder, "k")]));
        Assert.Contains($"  seen: {seen}\n", output.ToString(), StringComparison.Ordinal);
    }

    private static Task<int> RunAsync(TextWriter output, TextWriter error, params string[] args) =>
        CommandLine.RunAsync(args, Contexts.Of(output, error), TestContext.Current.CancellationToken);

    private void Write(string path, string content)
    {
        var file = Path.Combine(_folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
    }
}
