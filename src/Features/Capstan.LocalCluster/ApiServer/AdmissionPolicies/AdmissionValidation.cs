using Capstan.LocalCluster.ApiServer.Expressions;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.AdmissionPolicies;

/// <summary>What is wrong with the objects that decide over others: webhooks, policies, bindings.</summary>
internal static class AdmissionValidation
{
    private static readonly string[] Actions = ["Audit", "Deny", "Warn"];

    public static void Check(YamlMap tree, List<FieldProblem> problems)
    {
        switch (tree.Text("kind"))
        {
            case "ValidatingAdmissionPolicy":
                new AdmissionPolicy(tree).Check(problems);
                break;
            case "ValidatingAdmissionPolicyBinding":
                Binding(tree, problems);
                break;
            default:
                var hooks = tree.Maps("webhooks").ToList();
                for (var i = 0; i < hooks.Count; i++) MatchConditions.Check(hooks[i], $"webhooks[{i}]", ofPolicy: false, problems);
                break;
        }
    }

    private static void Binding(YamlMap tree, List<FieldProblem> problems)
    {
        if (tree.Text("spec", "policyName").Length == 0) problems.Add(FieldProblem.Required("spec.policyName"));
        if (tree.At("spec", "validationActions") is not YamlList { Count: > 0 } actions)
        {
            problems.Add(FieldProblem.Required("spec.validationActions", "at least one validation action is required"));
            return;
        }

        foreach (var action in actions.Where(a => !Actions.Contains(a.AsString())))
        {
            problems.Add(FieldProblem.Unsupported("spec.validationActions", action, Actions));
        }

        if (actions.Any(a => a.AsString() == "Deny") && actions.Any(a => a.AsString() == "Warn"))
        {
            problems.Add(FieldProblem.Invalid("spec.validationActions", actions, "must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)"));
        }
    }
}
