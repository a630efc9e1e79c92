using System.Net;
using Capstan.Yaml;

namespace Capstan.Resources.Tests;

/// <summary>Plays a sequence against the real server and, step by step, against our code, and compares.</summary>
internal sealed class SequencePlayer(RealApiServer server, ApplySequence sequence, SchemaNode? customSchema)
{
    private static readonly string[] ServerSet = ["uid", "resourceVersion", "generation", "creationTimestamp", "selfLink", "managedFields", "namespace"];

    // What API servers fill in for the kinds of the sequences.
    private static readonly HashSet<string> Defaults =
    [
        "replicas", "strategy", "revisionHistoryLimit", "progressDeadlineSeconds", "protocol", "terminationMessagePath", "terminationMessagePolicy",
        "imagePullPolicy", "resources", "dnsPolicy", "restartPolicy", "schedulerName", "securityContext", "terminationGracePeriodSeconds", "targetPort",
        "sessionAffinity", "type", "clusterIP", "clusterIPs", "creationTimestamp", "status", "rollingUpdate", "maxSurge", "maxUnavailable", "port", "defaultMode",
        "scheme", "failureThreshold", "periodSeconds", "successThreshold", "timeoutSeconds", "apiVersion", "kind", "conversion", "listKind", "singular", "fieldPath", "template",
    ];

    private KubernetesObject? _live;

    public async Task PlayAsync()
    {
        for (var i = 0; i < sequence.Steps.Length; i++)
        {
            var step = sequence.Steps[i];
            var label = $"{sequence.Name}, step {i + 1} ({step.Verb} by {step.Manager})";
            var (status, body) = await SendAsync(step);
            if ((int)status >= 400)
            {
                CompareFailure(step, status, body, label);
                continue;
            }

            var answer = new KubernetesObject(body);
            CompareSuccess(step, answer, label);
            _live = answer;
        }

        await server.SendAsync(HttpMethod.Delete, sequence.Path);
    }

    private Task<(HttpStatusCode Status, YamlMap Body)> SendAsync(ApplyStep step)
    {
        var path = sequence.Path + (step.Subresource.Length > 0 ? "/" + step.Subresource : "");
        var query = $"?fieldManager={step.Manager}";
        return step.Verb switch
        {
            "apply" => server.SendAsync(HttpMethod.Patch, path + query, step.Node, "application/apply-patch+yaml"),
            "force" => server.SendAsync(HttpMethod.Patch, path + query + "&force=true", step.Node, "application/apply-patch+yaml"),
            "create" => server.SendAsync(HttpMethod.Post, path[..path.LastIndexOf('/')] + query, step.Node),
            "edit" => server.SendAsync(HttpMethod.Put, path + query, MergePatch.Apply(_live!.Body, step.Node)),
            _ => server.SendAsync(HttpMethod.Patch, path + query, step.Node, step.Verb switch
            {
                "json" => "application/json-patch+json",
                "merge" => "application/merge-patch+json",
                _ => "application/strategic-merge-patch+json",
            }),
        };
    }

    private void CompareSuccess(ApplyStep step, KubernetesObject answer, string label)
    {
        var context = Context(step, answer);
        KubernetesObject ours;
        if (step.Verb is "apply" or "force")
        {
            var outcome = ServerSideApply.Apply(_live, new KubernetesObject((YamlMap)step.Node), context, step.Verb == "force");
            var applied = Assert.IsType<ApplyOutcome.Applied>(outcome);
            CompareObjects(step, applied.Object.Body, answer.Body, label);
            Assert.True(applied.Changed == (_live?.ResourceVersion != answer.ResourceVersion), $"{label}: changed is {applied.Changed}");
            ours = applied.Object;
        }
        else
        {
            CompareObjects(step, Written(step, context).Body, answer.Body, label);
            var written = step.Verb == "edit" && step.Node is YamlMap edit && edit.At("metadata", "managedFields") is { } fields
                ? ManagedFields.Strip(answer).With(["metadata", "managedFields"], fields)
                : ManagedFields.Strip(answer);
            ours = ManagedFields.AfterUpdate(_live, written, context);
        }

        Assert.Equal(Describe(answer), Describe(ours, label));
    }

    private void CompareFailure(ApplyStep step, HttpStatusCode status, YamlMap body, string label)
    {
        var message = body["message"]?.AsString() ?? "";
        Assert.True(_live is not null, $"{label}: {message}");
        var context = Context(step, _live);
        if (step.Verb is not ("apply" or "force"))
        {
            var refused = Assert.Throws<PatchException>(() => Written(step, context));
            Assert.True((int)status >= 400, $"{label}: {refused.Message}");
            return;
        }

        var outcome = ServerSideApply.Apply(_live, new KubernetesObject((YamlMap)step.Node), context, step.Verb == "force");
        if (status == HttpStatusCode.Conflict)
        {
            var conflicted = Assert.IsType<ApplyOutcome.Conflicted>(outcome);
            Assert.Equal($"{label}: {Timeless(message)}", $"{label}: {conflicted.Message}");
            return;
        }

        Assert.True(outcome is ApplyOutcome.Refused, $"{label}: the server said {message}");
        var problems = Assert.IsType<ApplyOutcome.Refused>(outcome).Problems;
        Assert.All(problems, p => Assert.True(message.Contains(p, StringComparison.Ordinal), $"{label}: the server said {message}, we said {p}"));
    }

    private KubernetesObject Written(ApplyStep step, WriteContext context) => new((YamlMap)(step.Verb switch
    {
        "create" => step.Node,
        "edit" or "merge" => MergePatch.Apply(_live!.Body, step.Node),
        "json" => JsonPatch.Apply(_live!.Body, step.Node),
        _ => StrategicMergePatch.Apply(_live!.Body, (YamlMap)step.Node, context.Schema.Root),
    }));

    private WriteContext Context(ApplyStep step, KubernetesObject value)
    {
        var kind = value.GroupVersionKind;
        var schema = customSchema is null ? BuiltInSchemas.For(kind) : new ObjectSchema(kind, customSchema, true);
        // Kubernetes 1.20 has no subresource in its entries.
        return new WriteContext(step.Manager, schema, DateTimeOffset.UnixEpoch.AddYears(60));
    }

    // The server's times change with the second, so only owners and their fields are compared.
    private static string Describe(KubernetesObject value, string? label = null)
    {
        _ = label;
        return string.Join('\n', ManagedFields.Parse(value)
            .Select(e => $"{e.Operation} {e.Manager} {e.ApiVersion} {JsonText.Write(e.Fields.ToFieldsV1())}").Order(StringComparer.Ordinal));
    }

    private static string Timeless(string message) => System.Text.RegularExpressions.Regex.Replace(message, @" at \d{4}-[^:]*:\d\d:\d\dZ", "");

    private static string Identity(YamlNode item) => item is YamlMap map ? $"{map["name"] ?? map["port"] ?? map["containerPort"]} {map["protocol"]} {map["kind"]}" : item.ToString();

    private static void CompareObjects(ApplyStep step, YamlMap ours, YamlMap theirs, string label)
    {
        foreach (var field in ServerSet)
        {
            ours = ours.WithoutAt("metadata", field);
            theirs = theirs.WithoutAt("metadata", field);
        }

        var differences = new List<string>();
        Compare("", ours, theirs, differences, step.Verb is "apply" or "force");
        Assert.True(differences.Count == 0, $"{label}: {string.Join('\n', differences)}");
    }

    private static void Compare(string path, YamlNode ours, YamlNode theirs, List<string> differences, bool anyOrder)
    {
        switch (ours, theirs)
        {
            case (YamlMap left, YamlMap right):
                foreach (var (key, value) in left)
                {
                    if (right[key] is { } other)
                    {
                        Compare($"{path}.{key}", value, other, differences, anyOrder);
                    }
                    else if (value is not YamlMap { Count: 0 } and not YamlList { Count: 0 } && !value.IsNull)
                    {
                        differences.Add($"{path}.{key}: ours {value}, theirs absent");
                    }
                }

                differences.AddRange(right.Where(e => !left.ContainsKey(e.Key) && !Defaults.Contains(e.Key)).Select(e => $"{path}.{e.Key}: ours absent, theirs {e.Value}"));
                break;
            case (YamlList left, YamlList right) when left.Count == right.Count:
                // Kubernetes 1.20 keeps the live order; newer ones, and we, take the applied one.
                var (mine, its) = anyOrder ? (left.OrderBy(Identity).ToList(), right.OrderBy(Identity).ToList()) : (left.ToList(), right.ToList());
                for (var i = 0; i < left.Count; i++)
                {
                    Compare($"{path}[{i}]", mine[i], its[i], differences, anyOrder);
                }

                break;
            default:
                if (!ours.Equals(theirs))
                {
                    differences.Add($"{path}: ours {ours}, theirs {theirs}");
                }

                break;
        }
    }
}
