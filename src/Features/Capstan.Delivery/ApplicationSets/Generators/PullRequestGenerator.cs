using System.Globalization;
using System.Text.RegularExpressions;
using Capstan.Delivery.ApplicationSets.Hosting;
using Capstan.Delivery.ApplicationSets.Templating;
using Capstan.Sources;
using Capstan.Yaml;

namespace Capstan.Delivery.ApplicationSets.Generators;

/// <summary>The open pull requests of a repository (Argo CD, Generators-Pull-Request.md).</summary>
internal sealed class PullRequestGenerator : IGenerator
{
    private static readonly TimeSpan Usual = TimeSpan.FromMinutes(30);
    private static readonly string[] Filters = ["branchMatch", "targetBranchMatch", "titleMatch"];

    public string Field => "pullRequest";

    public async Task<IReadOnlyList<YamlMap>> GenerateAsync(GeneratorCall call, CancellationToken cancellation)
    {
        var fields = call.Fields();
        var (kind, service) = HostingFields.Service(call, fields, withOwn: false);
        var (owner, repository) = (service.RequiredText("owner"), service.RequiredText("repo"));
        string[] labels = [.. service.Items("labels").Select(l => l.AsString() ?? "")];
        var access = HostingFields.Access(call, kind, service);
        var filters = fields.Items("filters").OfType<YamlMap>().Select(f => ReadFilter(call, f)).ToList();
        var mayBeGone = fields.Flag("continueOnRepoNotFoundError");
        var values = GeneratorCall.ReadValues(fields);
        call.Poll(fields, Usual);
        call.Check(fields);
        var api = await call.Inputs.HostingAsync(access, call.Set.Key.Namespace, cancellation).ConfigureAwait(false);
        IReadOnlyList<HostedPullRequest> requests;
        try
        {
            requests = await api.PullRequestsAsync(owner, repository, cancellation).ConfigureAwait(false);
        }
        catch (SourceException error) when (mayBeGone && error.Problem == SourceProblem.RepositoryNotFound)
        {
            return [];
        }

        return [.. requests.Where(r => labels.All(r.Labels.Contains) && (filters.Count == 0 || filters.Any(f => f(r))))
            .Select(r => call.WithValues(Parameters(call, r), values))];
    }

    private static Func<HostedPullRequest, bool> ReadFilter(GeneratorCall call, YamlMap map)
    {
        if (map.Keys.FirstOrDefault(k => !Filters.Contains(k)) is { } unknown)
        {
            throw new SetException($"{call.Path}.filters.{unknown} is no filter; there are {string.Join(", ", Filters)}", SetConditions.InvalidSpec);
        }

        Regex? Pattern(string field) => HostingFields.Pattern(call, field, map[field]?.AsString());
        var (branch, target, title) = (Pattern("branchMatch"), Pattern("targetBranchMatch"), Pattern("titleMatch"));
        return r => branch?.IsMatch(r.Branch) != false && target?.IsMatch(r.TargetBranch) != false && title?.IsMatch(r.Title) != false;
    }

    private static YamlMap Parameters(GeneratorCall call, HostedPullRequest request)
    {
        var parameters = YamlMap.Of(
            ("number", request.Number.ToString(CultureInfo.InvariantCulture)), ("title", request.Title), ("branch", request.Branch),
            ("branch_slug", SetNames.Slug(request.Branch)), ("target_branch", request.TargetBranch), ("target_branch_slug", SetNames.Slug(request.TargetBranch)),
            ("head_sha", request.Commit), ("head_short_sha", HostingFields.Short(request.Commit, 8)), ("head_short_sha_7", HostingFields.Short(request.Commit, 7)),
            ("author", request.Author));

        // A list has no place in the older placeholders.
        return call.Set.GoTemplate ? parameters.With("labels", new YamlList(request.Labels.Select(l => (YamlNode)l))) : parameters;
    }
}
