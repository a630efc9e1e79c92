using System.Net;
using System.Text;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Tests;

/// <summary>Rules in CEL: those of definitions, and policies. Texts are those of Kubernetes.</summary>
public sealed class RuleTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private readonly string _id = "r" + Guid.NewGuid().ToString("N")[..8];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string Objects => $"/apis/{_id}.example.com/v1/namespaces/default/boats";

    [Theory]
    [InlineData("{rule: self.min <= self.max}", "{min: 5, max: 3}", "spec: Invalid value: \"object\": failed rule: self.min <= self.max")]
    [InlineData("{rule: self.min <= self.max, message: too few, reason: FieldValueForbidden, fieldPath: .min}", "{min: 5, max: 3}", "spec.min: Forbidden: too few")]
    [InlineData("{rule: self.min <= self.max, messageExpression: \"string(self.min) + ' > ' + string(self.max)\"}", "{min: 5, max: 3}", "spec: Invalid value: \"object\": 5 > 3")]
    [InlineData("{rule: self.min <= self.max, message: plain, messageExpression: \"string(self.absent)\"}", "{min: 5, max: 3}", null)]
    [InlineData("{rule: self.min <= self.max}", "{max: 3}", "spec: Invalid value: \"object\": no such key: min evaluating rule: self.min <= self.max")]
    [InlineData("{rule: quantity(self.memory).isLessThan(quantity('2Gi'))}", "{memory: 3Gi}", "spec: Invalid value: \"object\": failed rule: quantity(self.memory).isLessThan(quantity('2Gi'))")]
    [InlineData("{rule: self.share < 1.5}", "{share: 2}", "spec: Invalid value: \"object\": failed rule: self.share < 1.5")]
    [InlineData("{rule: duration('1h') > self.wait}", "{wait: 2h}", "spec: Invalid value: \"object\": failed rule: duration('1h') > self.wait")]
    [InlineData("{rule: self.a__dash__b == 'x' && self.__namespace__ == 'w'}", "{a-b: v, namespace: w}", "spec: Invalid value: \"object\": failed rule: self.a__dash__b == 'x' && self.__namespace__ == 'w'")]
    [InlineData("{rule: \"self.crew.all(c, self.crew.exists_one(d, c.name == d.name))\"}", "{crew: [{name: a}, {name: a}]}", "spec: Invalid value: \"object\": failed rule: self.crew.all(c, self.crew.exists_one(d, c.name == d.name))")]
    public async Task A_rule_that_does_not_hold_is_told_as_Kubernetes_tells_it(string rule, string spec, string? expected)
    {
        var (made, refusal) = await DefineAsync(rule);
        if (expected is null)
        {
            Assert.Contains("messageExpression compilation failed: ERROR: <input>:1:12: undefined field 'absent'", refusal["message"]!.AsString(), StringComparison.Ordinal);
            return;
        }

        Assert.True(made, refusal.ToString());
        var (status, answer) = await SendAsync(HttpMethod.Post, Objects, Boat("a", spec));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Equal($"Boat.{_id}.example.com \"a\" is invalid: {expected}", answer["message"]!.AsString());
    }

    [Theory]
    [InlineData("{rule: self.nope == 1}", "spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Invalid value: apiextensions.ValidationRule{Rule:\"self.nope == 1\", ")]
    [InlineData("{rule: self.nope == 1}", "compilation failed: ERROR: <input>:1:5: undefined field 'nope'\n | self.nope == 1\n | ....^")]
    [InlineData("{rule: self.min <}", "compilation failed: ERROR: <input>:1:11: Syntax error")]
    [InlineData("{message: no rule}", "x-kubernetes-validations[0].rule: Required value: rule is not specified")]
    [InlineData("{rule: 'true', reason: Because}", "x-kubernetes-validations[0].reason: Unsupported value: \"Because\"")]
    [InlineData("{rule: 'true', fieldPath: .nowhere}", "x-kubernetes-validations[0].fieldPath: Invalid value: \".nowhere\"")]
    public async Task A_definition_with_a_rule_that_cannot_be_is_refused(string rule, string expected)
    {
        var (made, refusal) = await DefineAsync(rule);

        Assert.False(made);
        Assert.Contains(expected, refusal["message"]!.AsString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_transition_rule_holds_for_changes_only()
    {
        Assert.True((await DefineAsync("{rule: self.min >= oldSelf.min, message: never fewer}")).Made);
        Assert.Equal(HttpStatusCode.Created, (await SendAsync(HttpMethod.Post, Objects, Boat("a", "{min: 3}"))).Status);

        Assert.Equal("never fewer", Cause(await PatchAsync("{min: 2}")));
        Assert.Equal(HttpStatusCode.OK, (await PatchAsync("{min: 4}")).Status);
    }

    [Fact]
    public async Task What_was_accepted_before_a_rule_came_may_stay_as_it_is()
    {
        Assert.True((await DefineAsync("{rule: 'true'}")).Made);
        Assert.Equal(HttpStatusCode.Created, (await SendAsync(HttpMethod.Post, Objects, Boat("a", "{min: 9}"))).Status);
        Assert.True((await DefineAsync("{rule: self.min < 5}")).Made);

        Assert.Equal(HttpStatusCode.OK, (await SendAsync(HttpMethod.Patch, Objects + "/a", Tree("{metadata: {labels: {a: b}}}"))).Status);
        Assert.Equal("failed rule: self.min < 5", Cause(await PatchAsync("{min: 8}")));
    }

    [Fact]
    public async Task Rules_wait_until_the_types_are_right()
    {
        Assert.True((await DefineAsync("{rule: self.min <= self.max}")).Made);

        var (_, answer) = await SendAsync(HttpMethod.Post, Objects, Boat("a", "{min: many}"));

        Assert.EndsWith("<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation]",
            answer["message"]!.AsString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rule_that_costs_too_much_refuses_rather_than_runs()
    {
        Assert.True((await DefineAsync("{rule: \"self.crew.all(a, self.crew.all(b, self.crew.all(c, self.crew.all(d, a == b || c == d || true))))\"}")).Made);
        var crew = string.Join(",", Enumerable.Range(0, 200).Select(i => $"{{name: n{i}}}"));

        var (status, answer) = await SendAsync(HttpMethod.Post, Objects, Boat("a", $"{{crew: [{crew}]}}"));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Contains("no further validation rules will be run due to call cost exceeds limit for rule", answer["message"]!.AsString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_policy_in_force_refuses_and_one_without_a_binding_does_not()
    {
        var maps = await SpaceAsync();
        await MakeAsync("validatingadmissionpolicies", Policy("{expression: \"variables.count <= 1\"}"));
        Assert.Equal(HttpStatusCode.Created, (await SendAsync(HttpMethod.Post, maps, Map("before"))).Status);
        await BindAsync("Deny");

        var (status, answer) = await SendAsync(HttpMethod.Post, maps, Map("after"));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Equal($"configmaps \"after\" is forbidden: ValidatingAdmissionPolicy '{_id}' with binding '{_id}' denied request: failed expression: variables.count <= 1", answer["message"]!.AsString());
        Assert.Equal("Invalid", answer["reason"]!.AsString());
    }

    [Theory]
    [InlineData("{expression: \"request.operation == 'DELETE'\", messageExpression: \"'no ' + object.metadata.name\", reason: Forbidden}", 403, "no a")]
    [InlineData("{expression: \"object.data.absent == 'x'\"}", 422, "expression 'object.data.absent == 'x'' resulted in error: no such key: absent")]
    [InlineData("{expression: \"!authorizer.group('').resource('pods').check('list').allowed()\", message: may list}", 422, "may list")]
    [InlineData("{expression: \"namespaceObject.metadata.labels.team == 'b'\", message: wrong team}", 422, "wrong team")]
    public async Task A_policy_asks_for_what_Kubernetes_offers(string validation, int code, string message)
    {
        var maps = await SpaceAsync();
        await MakeAsync("validatingadmissionpolicies", Policy(validation));
        await BindAsync("Deny");

        var (status, answer) = await SendAsync(HttpMethod.Post, maps, Map("a"));

        Assert.Equal(code, (int)status);
        Assert.EndsWith($"denied request: {message}", answer["message"]!.AsString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_binding_may_warn_and_parameters_may_decide()
    {
        var maps = await SpaceAsync();
        await SendAsync(HttpMethod.Post, maps, Map("limits").WithAt(["data", "most"], "1"));
        await MakeAsync("validatingadmissionpolicies", Policy("{expression: \"size(object.data) <= int(params.data.most)\", message: too much data}")
            .WithAt(["spec", "paramKind"], Tree("{apiVersion: v1, kind: ConfigMap}")));
        await BindAsync("Warn", "{name: limits, namespace: " + _id + ", parameterNotFoundAction: Deny}");
        using var request = new HttpRequestMessage(HttpMethod.Post, maps) { Content = new StringContent(JsonText.Write(Map("a")), Encoding.UTF8, "application/json") };

        using var answer = await fixture.Http.SendAsync(request, Cancellation);

        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        Assert.Contains($"Validation failed for ValidatingAdmissionPolicy '{_id}' with binding '{_id}': too much data", Assert.Single(answer.Headers.GetValues("Warning")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_policy_that_cannot_be_is_refused()
    {
        var (status, answer) = await SendAsync(HttpMethod.Post, "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies", Policy("{expression: objekt.x == 1}"));

        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Contains("spec.validations[0].expression: Invalid value: \"objekt.x == 1\": compilation failed: ERROR: <input>:1:1: undeclared reference to 'objekt'", answer["message"]!.AsString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_definition_may_be_applied_by_the_server()
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, $"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/boats.{_id}.example.com?fieldManager=t")
        {
            Content = new StringContent(JsonText.Write(Definition("{rule: 'true'}")), Encoding.UTF8, "application/apply-patch+yaml"),
        };

        using var answer = await fixture.Http.SendAsync(request, Cancellation);

        Assert.True(answer.StatusCode == HttpStatusCode.Created, await answer.Content.ReadAsStringAsync(Cancellation));
    }

    private static string Cause((HttpStatusCode Status, YamlMap Body) answer) =>
        ((answer.Body.At("details", "causes") as YamlList)?[0] as YamlMap)?["message"]?.AsString()?.Split("\": ", 2)[^1] ?? answer.Body.ToString();

    private static YamlMap Tree(string flow) => (YamlMap)YamlText.ReadOne(flow);

    private static YamlMap Map(string name) => Tree("{metadata: {name: " + name + "}, data: {a: x, b: z}}");

    private YamlMap Boat(string name, string spec) => Tree($"{{apiVersion: {_id}.example.com/v1, kind: Boat, metadata: {{name: {name}}}, spec: {spec}}}");

    private YamlMap Definition(string rule) => Tree($$"""
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: boats.{{_id}}.example.com}
        spec:
          group: {{_id}}.example.com
          scope: Namespaced
          names: {plural: boats, kind: Boat}
          versions:
          - name: v1
            served: true
            storage: true
            schema:
              openAPIV3Schema:
                type: object
                properties:
                  spec:
                    type: object
                    x-kubernetes-validations: [{{rule}}]
                    properties:
                      min: {type: integer}
                      max: {type: integer}
                      share: {type: number}
                      memory: {type: string}
                      wait: {type: string, format: duration}
                      a-b: {type: string}
                      namespace: {type: string}
                      crew: {type: array, items: {type: object, properties: {name: {type: string} } } }
        """);

    private async Task<(bool Made, YamlMap Answer)> DefineAsync(string rule)
    {
        var path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
        var (status, answer) = await SendAsync(HttpMethod.Post, path, Definition(rule));
        if (status == HttpStatusCode.Conflict)
        {
            (status, answer) = await SendAsync(HttpMethod.Patch, $"{path}/boats.{_id}.example.com", Definition(rule));
        }

        return (status is HttpStatusCode.Created or HttpStatusCode.OK, answer);
    }

    private Task<(HttpStatusCode Status, YamlMap Body)> PatchAsync(string spec) => SendAsync(HttpMethod.Patch, Objects + "/a", Tree("{spec: " + spec + "}"));

    private YamlMap Policy(string validation) => Tree($$"""
        metadata: {name: {{_id}}}
        spec:
          matchConstraints:
            resourceRules: [{apiGroups: [''], apiVersions: [v1], operations: ['*'], resources: [configmaps]}]
          matchConditions: [{name: named, expression: "object.metadata.name != 'kube-root-ca.crt'"}]
          variables: [{name: count, expression: "size(object.data)"}]
          validations: [{{validation}}]
        """);

    private Task BindAsync(string action, string? parameters = null) => MakeAsync("validatingadmissionpolicybindings", Tree($$"""
        metadata: {name: {{_id}}}
        spec:
          policyName: {{_id}}
          validationActions: [{{action}}]
          {{(parameters is null ? "" : "paramRef: " + parameters)}}
          matchResources: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: {{_id}} } } }
        """));

    private async Task MakeAsync(string plural, YamlMap tree)
    {
        var (status, answer) = await SendAsync(HttpMethod.Post, $"/apis/admissionregistration.k8s.io/v1/{plural}", tree);
        Assert.True(status == HttpStatusCode.Created, answer.ToString());
    }

    private async Task<string> SpaceAsync()
    {
        await SendAsync(HttpMethod.Post, "/api/v1/namespaces", Tree($"{{metadata: {{name: {_id}, labels: {{team: a}}}}}}"));
        return $"/api/v1/namespaces/{_id}/configmaps";
    }

    private async Task<(HttpStatusCode Status, YamlMap Body)> SendAsync(HttpMethod method, string path, YamlMap? body)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(JsonText.Write(body), Encoding.UTF8, method == HttpMethod.Patch ? "application/merge-patch+json" : "application/json");
        }

        using var answer = await fixture.Http.SendAsync(request, Cancellation);
        return (answer.StatusCode, (YamlMap)JsonText.Read(await answer.Content.ReadAsByteArrayAsync(Cancellation)));
    }
}
