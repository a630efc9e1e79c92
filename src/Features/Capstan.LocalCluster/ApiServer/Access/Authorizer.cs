using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.LocalCluster.ApiServer.Operations;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Access;

/// <summary>Role-based access control. Nothing is allowed but what a role allows; the group <c>system:masters</c> may do everything.</summary>
internal sealed class Authorizer(RoleBindings bindings)
{
    public bool Allows(UserInfo user, AccessRequest request) => user.IsMaster || bindings.RulesOf(user, request.Namespace).Any(r => r.Allows(request));

    /// <summary>Refuses what is not allowed.</summary>
    public void Check(UserInfo user, AccessRequest request)
    {
        if (!Allows(user, request))
        {
            throw request.Refuse(user);
        }
    }

    public IEnumerable<PolicyRule> RulesOf(UserInfo user, string space) => user.IsMaster
        ? [new PolicyRule(["*"], ["*"], ["*"], [], []), new PolicyRule(["*"], [], [], [], ["*"]), .. bindings.RulesOf(user, space)]
        : bindings.RulesOf(user, space);

    /// <summary>Nobody gives rights that they do not have: who writes a role or a binding must hold all of it, or may <c>escalate</c> or <c>bind</c>.</summary>
    public void CheckEscalation(Target target, YamlMap? live, YamlMap tree, UserInfo user)
    {
        if (target.Resource.Group != RoleBindings.Group || user.IsMaster)
        {
            return;
        }

        var name = tree.Text("metadata", "name");
        if (target.Resource.Kind is "Role" or "ClusterRole")
        {
            var unchanged = live is not null && (live["rules"] ?? YamlList.Empty).Equals(tree["rules"] ?? YamlList.Empty);
            if (!unchanged && !Allows(user, AccessRequest.To("escalate", target.Resource, target.Namespace, name)))
            {
                CheckHolds(target, name, user, PolicyRule.Of(tree));
            }

            return;
        }

        var (kind, role) = (tree.Text("roleRef", "kind"), tree.Text("roleRef", "name"));
        var bind = new AccessRequest("bind") { Group = RoleBindings.Group, Resource = kind.ToLowerInvariant() + "s", Namespace = target.Namespace, Name = role };
        if (Allows(user, bind) || live is not null && (live["subjects"] ?? YamlList.Empty).Equals(tree["subjects"] ?? YamlList.Empty))
        {
            return;
        }

        var rules = bindings.Role(kind, target.Namespace, role) ?? throw new ApiStatusException(404, ApiReasons.NotFound,
            $"{kind.ToLowerInvariant()}s.{RoleBindings.Group} \"{role}\" not found", YamlMap.Of(("name", role), ("group", RoleBindings.Group), ("kind", kind.ToLowerInvariant() + "s")));
        CheckHolds(target, name, user, rules);
    }

    private void CheckHolds(Target target, string name, UserInfo user, IReadOnlyList<PolicyRule> wanted)
    {
        var held = bindings.RulesOf(user, target.Namespace).ToList();
        var missing = wanted.Where(rule => rule.Parts().Any(part => !held.Any(h => h.Covers(part)))).ToList();
        if (missing.Count > 0)
        {
            var groups = string.Join(" ", user.AllGroups.Select(g => $"\"{g}\""));
            throw ApiErrors.Forbidden(target.Resource, name,
                $"user \"{user.Name}\" (groups=[{groups}]) is attempting to grant RBAC permissions not currently held:\n{string.Join('\n', missing)}");
        }
    }
}
