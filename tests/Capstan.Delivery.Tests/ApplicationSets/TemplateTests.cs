using Capstan.Delivery.ApplicationSets;
using Capstan.Delivery.ApplicationSets.Templating;
using Capstan.Yaml;

namespace Capstan.Delivery.Tests.ApplicationSets;

public sealed class TemplateTests
{
    private const string Template = """
        template:
          metadata:
            name: '{{.name}}-app'
            labels: {'team-{{.name}}': '{{.name | upper}}'}
          spec:
            project: team
            source: {repoURL: https://git.example/a.git, path: '{{.name}}', helm: {valuesObject: {replicas: 2, host: '{{.name}}.example'}}}
            destination: {server: https://kubernetes.default.svc, namespace: x}
        """;

    private static Task<IReadOnlyList<GeneratedApplication>> MakeAsync(string spec, string space = "argocd") => new FixedInputs().MakeAsync(spec, space);

    private static string One(string elements = "[{name: dev}]") => $"goTemplate: true\ngenerators: [{{list: {{elements: {elements}}}}}]\n";

    [Fact]
    public async Task An_Application_is_the_template_with_the_parameters_in_all_its_texts()
    {
        var made = Assert.Single(await MakeAsync(One() + Template));
        Assert.Equal(
            """{"apiVersion":"argoproj.io/v1alpha1","kind":"Application","metadata":{"name":"dev-app","labels":{"team-dev":"DEV"},"namespace":"argocd","finalizers":["resources-finalizer.argocd.argoproj.io"]},"spec":{"project":"team","source":{"repoURL":"https://git.example/a.git","path":"dev","helm":{"valuesObject":{"replicas":2,"host":"dev.example"}}},"destination":{"server":"https://kubernetes.default.svc","namespace":"x"}}}""",
            made.Object.Body.ToString());
        Assert.Null(made.Problem);
    }

    [Fact]
    public async Task Objects_stay_where_the_set_preserves_them_and_finalizers_of_the_template_are_kept()
    {
        Assert.Empty((await MakeAsync(One() + "syncPolicy: {preserveResourcesOnDeletion: true}\n" + Template))[0].Object.Finalizers);
        var own = Template.Replace("metadata:\n", "metadata:\n    finalizers: [mine.example/x]\n", StringComparison.Ordinal);
        Assert.Equal(["mine.example/x"], (await MakeAsync(One() + own))[0].Object.Finalizers);
    }

    [Fact]
    public async Task A_generators_template_counts_where_it_says_something()
    {
        var made = await MakeAsync(
            """
            goTemplate: true
            generators:
            - list:
                elements: [{name: dev}]
                template: {metadata: {labels: {tier: low}}, spec: {project: '', destination: {}, source: {path: 'other/{{.name}}'}}}
            - list: {elements: [{name: prod}]}

            """ + Template);
        Assert.Equal(["dev-app", "prod-app"], made.Select(m => m.Name));
        Assert.Equal("""{"path":"other/dev","repoURL":"https://git.example/a.git","helm":{"valuesObject":{"replicas":2,"host":"dev.example"}}}""", made[0].Object.Spec["source"]!.ToString());
        Assert.Equal("""{"tier":"low","team-dev":"DEV"}""", made[0].Object.Labels.ToString());
        Assert.Equal("team", made[0].Object.Spec["project"]!.AsString());
        Assert.Equal("prod", made[1].Object.Body.At("spec", "source", "path")!.AsString());
    }

    [Fact]
    public async Task A_patch_changes_anything_but_project_namespace_and_kind()
    {
        var made = Assert.Single(await MakeAsync(One("[{name: dev, prune: true, files: [a.yaml, b.yaml]}]") + Template +
            """

            templatePatch: |
              kind: ConfigMap
              metadata:
                namespace: kube-system
                annotations: {a: "1"}
                finalizers: [x.example/y]
              spec:
                project: admin
                source:
                  helm:
                    valuesObject: null
                    valueFiles:
                    {{- range $file := .files }}
                      - {{ $file }}
                    {{- end }}
              {{- if .prune }}
                syncPolicy:
                  automated:
                    prune: {{ .prune }}
              {{- end }}
            """));
        Assert.Equal("Application", made.Object.Kind);
        Assert.Equal("argocd", made.Object.Namespace);
        Assert.Equal("team", made.Object.Spec["project"]!.AsString());
        Assert.Equal("""{"valueFiles":["a.yaml","b.yaml"]}""", made.Object.Body.At("spec", "source", "helm")!.ToString());
        Assert.Equal("""{"automated":{"prune":true}}""", made.Object.Spec["syncPolicy"]!.ToString());
        Assert.Equal(["resources-finalizer.argocd.argoproj.io", "x.example/y"], made.Object.Finalizers);
    }

    [Theory]
    [InlineData("goTemplateOptions: ['missingkey=error']", "{{.nothing}}", "map has no entry for key")]
    [InlineData("", "{{.name", "unclosed action")]
    [InlineData("", "{{fail \"stop here\"}}", "stop here")]
    [InlineData("goTemplateOptions: ['missingkey=never']", "x", "spec.goTemplateOptions: \"missingkey=never\" is none")]
    [InlineData("", "{{env \"HOME\"}}", "function \"env\" not defined")]
    [InlineData("", "{{lookup \"v1\" \"Secret\" \"\" \"\"}}", "function \"lookup\" not defined")]
    public async Task What_does_not_render_is_said_in_the_words_of_Go(string option, string text, string problem)
    {
        var error = await Assert.ThrowsAsync<SetException>(() => MakeAsync(One() + option + "\n" + Template.Replace("'{{.name}}-app'", $"'{text}'", StringComparison.Ordinal)));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_options_an_absent_key_is_no_value()
    {
        var made = await MakeAsync(One() + Template.Replace("path: '{{.name}}'", "path: '{{.nothing}}'", StringComparison.Ordinal));
        Assert.Equal("<no value>", made[0].Object.Body.At("spec", "source", "path")!.AsString());
    }

    [Theory]
    [InlineData("{{name}}", "v")]
    [InlineData("{{ name }}-{{ name}}", "v-v")]
    [InlineData("{{.name}} {{other}} {{ }}", "{{.name}} {{other}} {{ }}")]
    [InlineData("{{\nname}}", "{{\nname}}")]
    [InlineData("no {{", "no {{")]
    [InlineData("{{list}}", "{{list}}")]
    public void The_older_placeholders_leave_what_they_do_not_know(string text, string rendered) =>
        Assert.Equal(rendered, new PlainSetTemplates().Render(text, (YamlMap)YamlText.ReadOne("{name: v, list: [1]}")));

    [Theory]
    [InlineData("Feature/ABC_1 über", "feature-abc-1--ber", "feature-abc_1-uber")]
    [InlineData("--a.b..", "a.b", "a-b")]
    [InlineData("a & b@c", "a---b-c", "a-and-b-at-c")]
    public void Names_are_made_fit_in_two_ways(string name, string normal, string slug)
    {
        Assert.Equal(normal, SetNames.Normalize(name));
        Assert.Equal(slug, SetNames.Slug(name));
    }

    [Fact]
    public void A_slug_has_at_most_fifty_characters() => Assert.Equal(50, SetNames.Slug(new string('a', 80)).Length);

    [Fact]
    public async Task Names_that_are_none_or_come_twice_are_problems_of_those_Applications_alone()
    {
        var made = await MakeAsync(One("[{name: dev}, {name: Dev}, {name: dev}]") + Template);
        Assert.Null(made[0].Problem);
        Assert.Contains("the function normalize makes it so", made[1].Problem, StringComparison.Ordinal);
        Assert.Equal("ApplicationSet set contains applications with duplicate name: dev-app", made[2].Problem);
    }

    [Fact]
    public async Task Parameters_choose_the_project_in_Capstans_own_namespaces_only()
    {
        var spec = One() + Template.Replace("project: team", "project: '{{.name}}'", StringComparison.Ordinal);
        Assert.Equal("dev", (await MakeAsync(spec))[0].Object.Spec["project"]!.AsString());
        var error = await Assert.ThrowsAsync<SetException>(() => MakeAsync(spec, "tenant"));
        Assert.Contains("a set in the namespace tenant must name its project", error.Message, StringComparison.Ordinal);
        var byGenerator = "goTemplate: true\ngenerators: [{list: {elements: [{name: dev}], template: {spec: {project: '{{.name}}'}}}}]\n" + Template;
        await Assert.ThrowsAsync<SetException>(() => MakeAsync(byGenerator, "tenant"));
    }

    [Theory]
    [InlineData("template: {metadata: {name: x}}\ngenerators: []\nsurprise: {a: b}", "spec.surprise is not supported")]
    [InlineData("generators: []", "spec.template is missing")]
    [InlineData("template: {metadata: {name: x}}\nsyncPolicy: {applicationsSync: often}", "\"often\" is none of sync, create-only")]
    [InlineData("template: {metadata: {name: x}}\nstrategy: {type: RollingSync, deletionOrder: Reverse}", "Reverse wants type RollingSync with steps")]
    [InlineData("template: {metadata: {name: x}}\nstrategy: {type: RollingSync, rollingSync: {steps: [{maxUpdate: 200%}]}}", "neither a number nor a percentage")]
    [InlineData("template: {metadata: {name: x}}\nignoreApplicationDifferences: [{jsonPointers: ['nope']}]", "jsonPointers")]
    public async Task A_spec_that_is_wrong_makes_nothing(string spec, string problem) =>
        Assert.Contains(problem, (await Assert.ThrowsAsync<SetException>(() => MakeAsync(spec))).Message, StringComparison.Ordinal);
}
