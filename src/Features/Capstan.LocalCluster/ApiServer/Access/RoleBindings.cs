using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.LocalCluster.Storage;

namespace Capstan.LocalCluster.ApiServer.Access;

/// <summary>
/// Roles and their bindings, read from the store when they have changed. Tables are immutable, so the same table means that nothing did.
/// </summary>
internal sealed class RoleBindings(ObjectStore store)
{
    public const string Group = "rbac.authorization.k8s.io";

    private readonly Lock _gate = new();
    private Compiled _current = Compiled.Nothing;

    /// <summary>The rules that hold for somebody in a namespace (with none: cluster-wide).</summary>
    public IEnumerable<PolicyRule> RulesOf(UserInfo user, string space)
    {
        var compiled = Current();
        foreach (var binding in compiled.ClusterBindings)
        {
            if (binding.Binds(user))
            {
                foreach (var rule in compiled.RoleOf(binding))
                {
                    yield return rule;
                }
            }
        }

        foreach (var binding in space.Length == 0 ? [] : compiled.Bindings.GetValueOrDefault(space, []))
        {
            if (binding.Binds(user))
            {
                foreach (var rule in compiled.RoleOf(binding))
                {
                    yield return rule;
                }
            }
        }
    }

    /// <summary>The rules of a role that a binding refers to; null when there is no such role.</summary>
    public IReadOnlyList<PolicyRule>? Role(string kind, string space, string name) =>
        Current().Roles.GetValueOrDefault((kind == "ClusterRole" ? "" : space, name));

    private Compiled Current()
    {
        ResourceTable Table(string plural) => store.Snapshot($"{plural}.{Group}").Table;

        lock (_gate)
        {
            var tables = (Table("clusterroles"), Table("roles"), Table("clusterrolebindings"), Table("rolebindings"));
            if (_current.Tables != tables)
            {
                _current = new Compiled(tables.Item1, tables.Item2, tables.Item3, tables.Item4);
            }

            return _current;
        }
    }

    private sealed class Compiled(ResourceTable clusterRoles, ResourceTable roles, ResourceTable clusterBindings, ResourceTable bindings)
    {
        public static readonly Compiled Nothing = new(ResourceTable.Empty, ResourceTable.Empty, ResourceTable.Empty, ResourceTable.Empty);

        public (ResourceTable, ResourceTable, ResourceTable, ResourceTable) Tables { get; } = (clusterRoles, roles, clusterBindings, bindings);

        public Dictionary<(string Space, string Name), IReadOnlyList<PolicyRule>> Roles { get; } =
            clusterRoles.In(null).Concat(roles.In(null)).ToDictionary(r => (r.Key.Namespace, r.Key.Name), r => PolicyRule.Of(r.Tree));

        public List<Binding> ClusterBindings { get; } = [.. clusterBindings.In(null).Select(b => Binding.Of(b))];

        public Dictionary<string, List<Binding>> Bindings { get; } =
            bindings.In(null).GroupBy(b => b.Key.Namespace, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Select(b => Binding.Of(b)).ToList(), StringComparer.Ordinal);

        public IReadOnlyList<PolicyRule> RoleOf(Binding binding) => Roles.GetValueOrDefault(binding.Role, []);
    }

    private sealed record Binding((string Space, string Name) Role, IReadOnlyList<(string Kind, string Name)> Subjects)
    {
        public static Binding Of(StoredObject stored)
        {
            var tree = stored.Tree;
            var space = tree.Text("roleRef", "kind") == "ClusterRole" ? "" : stored.Key.Namespace;
            return new Binding((space, tree.Text("roleRef", "name")), [.. tree.Maps("subjects").Select(s => s.Text("kind") == "ServiceAccount"
                ? ("User", $"{UserInfo.AccountPrefix}{(s.Text("namespace") is { Length: > 0 } own ? own : stored.Key.Namespace)}:{s.Text("name")}")
                : (s.Text("kind"), s.Text("name")))]);
        }

        public bool Binds(UserInfo user) => Subjects.Any(s => s.Kind == "Group" ? user.AllGroups.Contains(s.Name) : s.Kind == "User" && s.Name == user.Name);
    }
}
