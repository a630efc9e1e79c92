using Capstan.LocalCluster.ApiServer.Access;
using Capstan.LocalCluster.ApiServer.Catalog;
using Capstan.LocalCluster.ApiServer.Expressions;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.LocalCluster.ApiServer.Webhooks;
using Capstan.LocalCluster.Storage;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.AdmissionPolicies;

/// <summary>
/// Asks the ValidatingAdmissionPolicies that bindings put in force (https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/).
/// Policies, bindings and webhooks are not subject to policies: one could otherwise keep itself from being removed.
/// </summary>
internal sealed class AdmissionPolicyChecks(ObjectStore store, ResourceCatalog catalog, Authorizer authorizer)
{
    private const string Group = "admissionregistration.k8s.io";
    private const string Policies = $"validatingadmissionpolicies.{Group}";
    private const string Bindings = $"validatingadmissionpolicybindings.{Group}";

    /// <summary>Refuses what a policy refuses, and warns where a binding only warns.</summary>
    /// <param name="call">The write.</param>
    /// <param name="tree">The object as it will be; null for a deletion.</param>
    public void Check(AdmissionCall call, YamlMap? tree)
    {
        if (!store.HasAny(Bindings) || call.Target.Resource.Group == Group) return;
        foreach (var binding in store.Snapshot(Bindings).Table.In(null).Select(b => b.Tree))
        {
            if (store.Get(new StoreKey(Policies, "", binding.Text("spec", "policyName")))?.Tree is { } policy)
            {
                Bound(new AdmissionPolicy(policy), binding, call, tree);
            }
        }
    }

    private void Bound(AdmissionPolicy policy, YamlMap binding, AdmissionCall call, YamlMap? tree)
    {
        var constraints = new RequestRules(policy.Spec.MapAt("matchConstraints"), "resourceRules");
        var matched = new RequestRules(binding.MapAt("spec", "matchResources"), "resourceRules", emptyIsAll: true);
        if (constraints.VersionFor(call) is not { } version || !constraints.Selects(call, tree, store) || matched.VersionFor(call) is null || !matched.Selects(call, tree, store))
        {
            return;
        }

        foreach (var failure in Parameters(policy, binding, call, out var missing).SelectMany(p =>
                     policy.Evaluate(new AdmissionVariables(call, version, tree, store, authorizer) { Parameters = p })).Concat(missing).ToList())
        {
            Act(policy, binding, call, failure);
        }
    }

    private static void Act(AdmissionPolicy policy, YamlMap binding, AdmissionCall call, PolicyFailure failure)
    {
        var actions = (binding.At("spec", "validationActions") as YamlList ?? YamlList.Empty).Select(a => a.AsString()).ToList();
        var (name, bound) = (policy.Name, binding.Text("metadata", "name"));
        if (actions.Contains("Warn")) call.Warn($"Validation failed for ValidatingAdmissionPolicy '{name}' with binding '{bound}': {failure.Message}");
        if (!actions.Contains("Deny")) return;
        var words = $"ValidatingAdmissionPolicy '{name}' with binding '{bound}' denied request: {failure.Message}";
        var (resource, code) = (call.Target.Resource, failure.Reason switch { "Unauthorized" => 401, "Forbidden" => 403, "RequestEntityTooLarge" => 413, _ => 422 });
        var details = ApiErrors.Details(resource, call.Target.Name).With("causes", YamlList.Create([YamlMap.Of(("message", words))]));
        throw new ApiStatusException(code, failure.Reason, $"{resource.Qualified} \"{call.Target.Name}\" is forbidden: {words}", details);
    }

    // The objects that parametrize a policy: one evaluation for each. No parameters are one evaluation without any.
    private List<YamlMap?> Parameters(AdmissionPolicy policy, YamlMap binding, AdmissionCall call, out IReadOnlyList<PolicyFailure> missing)
    {
        missing = [];
        if (policy.Spec["paramKind"] is not YamlMap kind || binding.At("spec", "paramRef") is not YamlMap reference) return [null];
        var parts = kind.Text("apiVersion").Split('/');
        if (catalog.Find(new GroupKind(parts.Length > 1 ? parts[0] : "", kind.Text("kind"))) is not { } resource)
        {
            missing = policy.FailsClosed ? [new PolicyFailure($"failed to find resource referenced by paramKind: '{kind.Text("apiVersion")}, Kind={kind.Text("kind")}'", ApiReasons.Invalid)] : [];
            return [];
        }

        var space = !resource.Namespaced ? "" : reference.Text("namespace") is { Length: > 0 } named ? named : call.Target.Namespace;
        List<YamlMap?> found = reference.Text("name") is { Length: > 0 } name
            ? store.Get(resource.Key(space, name)) is { } one ? [one.Tree] : []
            : [.. store.Snapshot(resource.StoreName).Table.In(resource.Namespaced ? space : null).Select(o => o.Tree)
                .Where(o => LabelSelector.OfController(reference.MapAt("selector"))?.Matches(o.MapAt("metadata", "labels")) ?? true)];
        if (found.Count == 0 && reference.Text("parameterNotFoundAction") != "Allow" && policy.FailsClosed)
        {
            missing = [new PolicyFailure("failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction", ApiReasons.Invalid)];
        }

        return found;
    }
}
