using Capstan.Delivery.ApplicationSets;

namespace Capstan.Delivery.Tests.ApplicationSets;

public sealed class GeneratorTests
{
    private const string Git = "- git: {repoURL: https://git.example/platform.git, ";

    private static readonly (string, string)[] Files =
    [
        ("apps/guestbook/kustomization.yaml", ""), ("apps/Web_Shop/kustomization.yaml", ""), ("apps/old/kustomization.yaml", ""), ("apps/guestbook/base/x.yaml", ""),
        (".github/workflows/ci.yaml", ""), ("clusters/eu/config.json", """{"aws": {"account": "1234", "zones": ["a", "b"]}, "size": 3, "ratio": 0.5, "big": 12345678, "on": true, "none": null}"""),
        ("clusters/us/config.json", """[{"name": "one"}, {"name": "two"}]"""), ("readme.md", "hello"),
    ];

    private static FixedInputs Inputs() => new FixedInputs().WithFiles(Files);

    [Fact]
    public async Task A_list_yields_its_elements_and_those_of_its_text()
    {
        Assert.Equal("dev 1\nprod 2", await Inputs().ParametersAsync(
            """
            - list:
                elements: [{cluster: dev, zone: {id: 1}}]
                elementsYaml: "- {cluster: prod, zone: {id: 2}}"
            """, "{{.cluster}} {{.zone.id}}"));
        Assert.Equal("dev a", await Inputs().ParametersAsync("- list: {elements: [{cluster: dev, values: {x: a}}]}", "{{cluster}} {{ values.x }}", goTemplate: false));
        var error = await Assert.ThrowsAsync<SetException>(() => Inputs().ParametersAsync("- list: {elements: [{size: 1}]}", "x", goTemplate: false));
        Assert.Contains("spec.generators[0].list.elements[0].size: error parsing value as string", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clusters_yield_names_addresses_labels_and_values_and_a_selector_leaves_the_own_one_out()
    {
        var inputs = Inputs().WithCluster("Prod_EU", "https://prod", "{env: prod, tier: gold}", "{owner: ann}", "team").WithCluster("test", "https://test", "{env: test}");
        Assert.Equal("in-cluster\nProd_EU\ntest", await inputs.ParametersAsync("- clusters: {}", "{{.name}}"));
        Assert.Equal("prod-eu https://prod team gold ann r-gold", await inputs.ParametersAsync(
            "- clusters: {selector: {matchLabels: {env: prod}}, values: {revision: 'r-{{.metadata.labels.tier}}'}}",
            "{{.nameNormalized}} {{.server}} {{.project}} {{.metadata.labels.tier}} {{.metadata.annotations.owner}} {{.values.revision}}"));
        Assert.Equal("Prod_EU gold ann r-Prod_EU", await inputs.ParametersAsync(
            "- clusters: {selector: {matchExpressions: [{key: env, operator: NotIn, values: [test]}]}, values: {revision: 'r-{{name}}'}}",
            "{{name}} {{metadata.labels.tier}} {{metadata.annotations.owner}} {{values.revision}}", goTemplate: false));
        Assert.Equal("Prod_EU,test,", await inputs.ParametersAsync(
            "- clusters: {flatList: true, selector: {matchExpressions: [{key: env, operator: Exists}]}}", "{{range .clusters}}{{.name}},{{end}}"));
    }

    [Fact]
    public async Task Folders_of_a_repository_are_matched_segment_by_segment_and_an_exclusion_always_wins()
    {
        Assert.Equal("apps/Web_Shop Web_Shop web-shop [apps Web_Shop]\napps/guestbook guestbook guestbook [apps guestbook]", await Inputs().ParametersAsync(
            Git + "directories: [{path: 'apps/old', exclude: true}, {path: 'apps/*'}]}", "{{.path.path}} {{.path.basename}} {{.path.basenameNormalized}} {{.path.segments}}"));
        Assert.Equal("apps/guestbook guestbook apps guestbook v-guestbook", await Inputs().ParametersAsync(
            Git + "directories: [{path: 'apps/g*'}], values: {x: 'v-{{path.basename}}'}}", "{{path}} {{path.basename}} {{path[0]}} {{path[1]}} {{values.x}}", goTemplate: false));
        Assert.Equal("apps\nclusters", await Inputs().ParametersAsync(Git + "directories: [{path: '*'}]}", "{{.path.path}}"));
        Assert.Equal("apps/guestbook guestbook", await Inputs().ParametersAsync(
            Git + "pathParamPrefix: mine, directories: [{path: 'apps/g*'}]}", "{{.mine.path.path}} {{.mine.path.basename}}"));
        Assert.Equal("apps/guestbook guestbook apps", await Inputs().ParametersAsync(
            Git + "pathParamPrefix: mine, directories: [{path: 'apps/g*'}]}", "{{mine.path}} {{mine.path.basename}} {{mine.path[0]}}", goTemplate: false));
    }

    [Fact]
    public async Task Files_of_a_repository_yield_what_they_hold()
    {
        Assert.Equal("1234 b 3 config.json config.json clusters/eu eu", await Inputs().ParametersAsync(
            Git + "files: [{path: 'clusters/eu/*.json'}]}",
            "{{.aws.account}} {{index .aws.zones 1}} {{.size}} {{.path.filename}} {{.path.filenameNormalized}} {{.path.path}} {{.path.basename}}"));
        Assert.Equal("1234 b 3 0.5 1.2345678e+07 true <nil> clusters/eu config.json clusters", await Inputs().ParametersAsync(
            Git + "files: [{path: 'clusters/**/config.json'}, {path: 'clusters/us/*', exclude: true}]}",
            "{{aws.account}} {{aws.zones.1}} {{size}} {{ratio}} {{big}} {{on}} {{none}} {{path}} {{path.filename}} {{path[0]}}", goTemplate: false));
        Assert.Equal("one us\ntwo us", await Inputs().ParametersAsync(Git + "files: [{path: 'clusters/us'}]}", "{{.name}} {{.path.basename}}"));
        Assert.Equal("2", (await Inputs().ParametersAsync(Git + "files: [{path: '*/config.json'}, {path: clusters/eu/config.json, exclude: true}]}", "{{.name}}")).Split('\n').Length.ToString(System.Globalization.CultureInfo.InvariantCulture));
        var error = await Assert.ThrowsAsync<SetException>(() => Inputs().ParametersAsync(Git + "files: [{path: readme.md}]}", "x"));
        Assert.Equal("spec.generators[0].git: unable to parse file readme.md: it is a string; a map or a list of maps is wanted", error.Message);
    }

    [Fact]
    public async Task A_matrix_combines_two_and_the_second_may_name_what_the_first_yields()
    {
        var inputs = Inputs().WithCluster("eu", "https://eu", "{folder: clusters/eu}");
        Assert.Equal("eu 1234", await inputs.ParametersAsync(
            """
            - matrix:
                generators:
                - clusters: {selector: {matchLabels: {folder: clusters/eu}}}
                - git: {repoURL: https://git.example/platform.git, files: [{path: '{{.metadata.labels.folder}}/*.json'}]}
            """, "{{.name}} {{.aws.account}}"));
        Assert.Equal("a 1 a-1\na 2 a-2\nb 1 b-1\nb 2 b-2", await inputs.ParametersAsync(
            """
            - matrix:
                generators:
                - list: {elements: [{x: a}, {x: b}]}
                - list: {elements: [{k: '1'}, {k: '2'}, {k: '3'}]}
                  selector: {matchExpressions: [{key: k, operator: NotIn, values: ['3']}]}
            """.Replace("{k: '2'}", "{k: '2', z: '{{x}}-2'}", StringComparison.Ordinal).Replace("{k: '1'}", "{k: '1', z: '{{x}}-1'}", StringComparison.Ordinal), "{{x}} {{k}} {{z}}", goTemplate: false));
        var clash = await Assert.ThrowsAsync<SetException>(() => inputs.ParametersAsync("- matrix: {generators: [{list: {elements: [{x: a}]}}, {list: {elements: [{x: b}]}}]}", "x", goTemplate: false));
        Assert.Contains("found duplicate key x with different value", clash.Message, StringComparison.Ordinal);
        Assert.Equal("b", await inputs.ParametersAsync("- matrix: {generators: [{list: {elements: [{x: a}]}}, {list: {elements: [{x: b}]}}]}", "{{.x}}"));
        var three = await Assert.ThrowsAsync<SetException>(() => inputs.ParametersAsync("- matrix: {generators: [{clusters: {}}, {clusters: {}}, {clusters: {}}]}", "x"));
        Assert.Contains("a matrix combines exactly two", three.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Matrix_and_merge_lie_within_one_another_once_only()
    {
        const string leaf = "{list: {elements: [{x: a}]}}";
        const string inner = "{matrix: {generators: [{list: {elements: [{k: b}]}}, {list: {elements: [{z: c}]}}]}}";
        Assert.Equal("a b c", await Inputs().ParametersAsync($"- matrix: {{generators: [{leaf}, {inner}]}}", "{{.x}} {{.k}} {{.z}}"));
        var deep = inner.Replace("{list: {elements: [{z: c}]}}", inner, StringComparison.Ordinal);
        var error = await Assert.ThrowsAsync<SetException>(() => Inputs().ParametersAsync($"- matrix: {{generators: [{leaf}, {deep}]}}", "x"));
        Assert.Contains("may lie within one another once only", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Merge_lays_parameters_of_the_same_keys_over_the_first()
    {
        Assert.Equal("dev 1 x\nprod 9 w", await Inputs().ParametersAsync(
            """
            - merge:
                mergeKeys: [name]
                generators:
                - list: {elements: [{name: dev, size: '1', z: x}, {name: prod, size: '2', z: x}]}
                - list: {elements: [{name: prod, size: '9'}, {name: other, size: '7'}]}
                - list: {elements: [{name: prod, z: w}]}
            """, "{{.name}} {{.size}} {{.z}}"));
        Assert.Equal("dev 1\nprod 9", await Inputs().ParametersAsync(
            "- merge: {mergeKeys: [name], generators: [{list: {elements: [{name: dev, size: '1'}, {name: prod, size: '2'}]}}, {list: {elements: [{name: prod, size: '9'}]}}]}",
            "{{name}} {{size}}", goTemplate: false));
        var twice = await Assert.ThrowsAsync<SetException>(() => Inputs().ParametersAsync(
            "- merge: {mergeKeys: [name], generators: [{list: {elements: [{name: dev}, {name: dev}]}}, {clusters: {}}]}", "x"));
        Assert.Contains("""Duplicate key was {"name":"dev"}""", twice.Message, StringComparison.Ordinal);
        var keyless = await Assert.ThrowsAsync<SetException>(() => Inputs().ParametersAsync("- merge: {generators: [{clusters: {}}, {clusters: {}}]}", "x"));
        Assert.Contains("Merge requires at least one merge key", keyless.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_selector_filters_what_any_generator_yields()
    {
        Assert.Equal("dev", await Inputs().ParametersAsync(
            "- {list: {elements: [{name: dev, zone: {id: a}}, {name: prod, zone: {id: b}}]}, selector: {matchLabels: {zone.id: a}}}", "{{.name}}"));
        Assert.Equal("prod", await Inputs().ParametersAsync(
            "- {list: {elements: [{name: dev}, {name: prod}]}, selector: {matchExpressions: [{key: name, operator: In, values: [prod, x]}]}}", "{{name}}", goTemplate: false));
    }

    [Fact]
    public async Task Decisions_of_another_controller_choose_among_the_registered_clusters()
    {
        var inputs = Inputs().WithCluster("one", "https://one").WithCluster("two", "https://two");
        inputs.Map = Make.Object("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m"},"data":{"apiVersion":"mallard.io/v1","kind":"ducks","statusListKey":"decisions","matchKey":"clusterName"}}""");
        inputs.Objects.Add(Make.Object("""{"apiVersion":"mallard.io/v1","kind":"Duck","metadata":{"name":"q"},"status":{"decisions":[{"clusterName":"two","reason":"r"},{"clusterName":"nowhere"}]}}"""));
        Assert.Equal("two https://two two r", await inputs.ParametersAsync("- clusterDecisionResource: {configMapRef: m, name: q}", "{{.name}} {{.server}} {{.clusterName}} {{.reason}}"));
    }

    [Theory]
    [InlineData("- plugin: {configMapRef: {name: x}}", "spec.generators[0].plugin: generators by plugin are not supported")]
    [InlineData("- {clusters: {}, list: {}}", "spec.generators[0] names list and clusters; give each an entry of its own")]
    [InlineData("- {selector: {}}", "spec.generators[0] names no generator")]
    [InlineData("- {klusters: {}}", "spec.generators[0].klusters is no generator; there are list, clusters, git")]
    [InlineData("- clusters: {selektor: {}}", "")]
    [InlineData("- clusters: {selektor: {a: b}}", "spec.generators[0].clusters.selektor is not supported")]
    [InlineData("- git: {repoURL: https://git.example/platform.git}", "names neither directories nor files")]
    [InlineData("- git: {directories: [{path: a}]}", "spec.generators[0].git.repoURL is missing")]
    [InlineData("- scmProvider: {gitlab: {group: x}}", "spec.generators[0].scmProvider.gitlab is not supported yet")]
    [InlineData("- scmProvider: {}", "names no service")]
    [InlineData("- git: {repoURL: https://gone.example/x.git, directories: [{path: a}]}", "spec.generators[0].git: https://gone.example/x.git: cannot be reached")]
    [InlineData("- git: {repoURL: https://git.example/platform.git, directories: [{path: 'a['}]}", "syntax error in pattern")]
    public async Task What_is_wrong_is_named_with_its_place(string generators, string problem)
    {
        if (problem.Length == 0)
        {
            await Inputs().ParametersAsync(generators, "x");
            return;
        }

        Assert.Contains(problem, (await Assert.ThrowsAsync<SetException>(() => Inputs().ParametersAsync(generators, "x"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_generator_that_yields_without_end_is_refused()
    {
        var many = string.Join(',', Enumerable.Range(0, 110).Select(i => $"{{x: 'v{i}'}}"));
        var error = await Assert.ThrowsAsync<SetException>(() => Inputs().ParametersAsync(
            $"- matrix: {{generators: [{{list: {{elements: [{many}]}}}}, {{list: {{elements: [{many.Replace("x:", "y:", StringComparison.Ordinal)}]}}}}]}}", "x"));
        Assert.Contains("yields more than 10,000 combinations", error.Message, StringComparison.Ordinal);
    }
}
