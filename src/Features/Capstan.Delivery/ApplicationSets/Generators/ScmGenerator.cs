using System.Text.RegularExpressions;
using Capstan.Delivery.ApplicationSets.Hosting;
using Capstan.Delivery.ApplicationSets.Templating;
using Capstan.Yaml;

namespace Capstan.Delivery.ApplicationSets.Generators;

/// <summary>The repositories of an organization at a hosting service (Argo CD, Generators-SCM-Provider.md); <c>capstan</c> is this server's own host.</summary>
internal sealed class ScmGenerator : IGenerator
{
    private static readonly TimeSpan Usual = TimeSpan.FromMinutes(30);

    public string Field => "scmProvider";

    public async Task<IReadOnlyList<YamlMap>> GenerateAsync(GeneratorCall call, CancellationToken cancellation)
    {
        var fields = call.Fields();
        var (kind, service) = HostingFields.Service(call, fields, withOwn: true);
        var owner = kind switch
        {
            HostingKind.GitHub => service.RequiredText("organization"),
            HostingKind.Gitea => service.RequiredText("owner"),
            _ => service.Text("owner"),
        };
        var all = service.Flag("allBranches");
        var access = HostingFields.Access(call, kind, service);
        var protocol = fields.Text("cloneProtocol");
        if (protocol is not ("" or "ssh" or "https"))
        {
            fields.Problem($"{call.Path}.cloneProtocol: \"{protocol}\" is none of ssh and https");
        }

        var filters = fields.Items("filters").OfType<YamlMap>().Select(f => Filter.Read(call, f)).ToList();
        var values = GeneratorCall.ReadValues(fields);
        call.Poll(fields, kind == HostingKind.Own ? TimeSpan.FromMinutes(3) : Usual);
        call.Check(fields);
        var api = await call.Inputs.HostingAsync(access, call.Set.Key.Namespace, cancellation).ConfigureAwait(false);
        var made = new List<YamlMap>();
        foreach (var branch in await api.BranchesAsync(owner, all, cancellation).ConfigureAwait(false))
        {
            if (filters.Count == 0 || await AnyAsync(filters, f => f.MatchesAsync(api, branch, cancellation)).ConfigureAwait(false))
            {
                made.Add(call.WithValues(Parameters(branch, protocol == "https" || branch.SshUrl.Length == 0), values));
            }
        }

        return made;
    }

    private static async Task<bool> AnyAsync(List<Filter> filters, Func<Filter, Task<bool>> matches)
    {
        foreach (var filter in filters)
        {
            if (await matches(filter).ConfigureAwait(false))
            {
                return true;
            }
        }

        return false;
    }

    private static YamlMap Parameters(HostedBranch branch, bool https) => YamlMap.Of(
        ("organization", branch.Organization), ("repository", branch.Name), ("repository_id", branch.Id), ("url", https ? branch.HttpsUrl : branch.SshUrl),
        ("branch", branch.Branch), ("sha", branch.Commit), ("short_sha", HostingFields.Short(branch.Commit, 8)),
        ("short_sha_7", HostingFields.Short(branch.Commit, 7)), ("labels", string.Join(',', branch.Labels)), ("branchNormalized", SetNames.Normalize(branch.Branch)));

    /// <summary>Conditions of one filter, all of which must hold.</summary>
    private sealed record Filter(Regex? Repository, Regex? Label, Regex? Branch, IReadOnlyList<string> Exist, IReadOnlyList<string> Lack)
    {
        private static readonly string[] Known = ["repositoryMatch", "pathsExist", "pathsDoNotExist", "labelMatch", "branchMatch"];

        public static Filter Read(GeneratorCall call, YamlMap map)
        {
            if (map.Keys.FirstOrDefault(k => !Known.Contains(k)) is { } unknown)
            {
                throw new SetException($"{call.Path}.filters.{unknown} is no filter; there are {string.Join(", ", Known)}", SetConditions.InvalidSpec);
            }

            Regex? Pattern(string field) => HostingFields.Pattern(call, field, map[field]?.AsString());
            string[] Paths(string field) => [.. (map[field] as YamlList ?? YamlList.Empty).Select(p => p.AsString() ?? "")];
            return new Filter(Pattern("repositoryMatch"), Pattern("labelMatch"), Pattern("branchMatch"), Paths("pathsExist"), Paths("pathsDoNotExist"));
        }

        public async Task<bool> MatchesAsync(IHostingApi api, HostedBranch branch, CancellationToken cancellation)
        {
            if (Repository?.IsMatch(branch.Name) == false || Branch?.IsMatch(branch.Branch) == false || (Label is not null && !branch.Labels.Any(Label.IsMatch)))
            {
                return false;
            }

            foreach (var (path, wanted) in Exist.Select(p => (p, true)).Concat(Lack.Select(p => (p, false))))
            {
                if (await api.HasPathAsync(branch, path, cancellation).ConfigureAwait(false) != wanted)
                {
                    return false;
                }
            }

            return true;
        }
    }
}
