using System.Collections.Concurrent;
using System.Collections.Immutable;
using Capstan.Delivery.Applications;
using Capstan.Delivery.Projects;
using Capstan.Delivery.Rendering;
using Capstan.Delivery.Settings;
using Capstan.Helm.Repositories;
using Capstan.Kustomize;
using Capstan.Sources;
using Capstan.Sources.Git;
using Capstan.Sources.Git.Urls;
using Capstan.Trees;

namespace Capstan.Delivery.Controllers;

/// <summary>
/// Fetches what kustomizations take from elsewhere: bases of other repositories and charts. A build never waits for a network; it says what it
/// lacks and is run again when that is here. What an Application needed last time is fetched before it is rendered, so that an unchanged
/// Application is rendered once, or not at all.
/// </summary>
internal sealed class KustomizeParts(RepositoryReader repositories, SettingsBook settings, DeliveryOptions options, TimeProvider time)
{
    private const int MostParts = 100;
    private const int MostNested = 4;
    private const int LargestFile = 32 << 20;

    private readonly ConcurrentDictionary<ApplicationKey, Needs> _needs = new();

    /// <summary>Renders with what is needed.</summary>
    /// <param name="application">The Application.</param>
    /// <param name="project">Its project, which must permit the repositories of bases too.</param>
    /// <param name="target">For whom.</param>
    /// <param name="render">Renders; it is called again when something was missing.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="SourceException">Something cannot be fetched now.</exception>
    public async Task<T> RenderAsync<T>(Application application, ProjectRules project, RenderTarget target, Func<RenderTarget, T> render, CancellationToken cancellation)
    {
        var allowed = settings.Current.Kustomize;
        var needs = _needs.GetValueOrDefault(application.Key, Needs.None);
        var (bases, charts) = await FetchAsync(needs, project, allowed, cancellation).ConfigureAwait(false);
        for (var i = 0; ; i++)
        {
            try
            {
                return render(With(target, allowed, bases, charts));
            }
            catch (BaseNotFetchedException missing) when (i < MostParts)
            {
                bases = bases.SetItem(missing.Address.Key, await FetchAsync(missing.Address, project, allowed, cancellation).ConfigureAwait(false));
                needs = needs with { Bases = needs.Bases.Add(missing.Address) };
            }
            catch (ChartNotFetchedException missing) when (i < MostParts)
            {
                charts = charts.SetItem(missing.Chart, await repositories.Charts.FetchAsync(missing.Chart, cancellation).ConfigureAwait(false));
                needs = needs with { Charts = needs.Charts.Add(missing.Chart) };
            }
            catch (Exception many) when (many is BaseNotFetchedException or ChartNotFetchedException)
            {
                throw new SourceException(SourceProblem.TooLarge, $"{application.Key}: its kustomizations take more than {MostParts} bases and charts from elsewhere");
            }

            _needs[application.Key] = needs;
        }
    }

    /// <summary>Whether an Application takes a base from a repository.</summary>
    public bool Uses(ApplicationKey key, RepositoryUrl repository) => _needs.TryGetValue(key, out var needs)
        && needs.Bases.Any(b => RepositoryUrl.TryParse(b.Repository, out var url, out _) && (url.Equals(repository) || url.NamesSameRepository(repository)));

    /// <summary>Forgets an Application that is gone.</summary>
    public void Forget(ApplicationKey key) => _needs.TryRemove(key, out _);

    private static RenderTarget With(
        RenderTarget target, KustomizeSettings allowed, ImmutableDictionary<string, FetchedBase> bases, ImmutableDictionary<NeededChart, FetchedChart> charts)
    {
        var all = charts.IsEmpty ? target.Charts : charts.SetItems(target.Charts ?? ImmutableDictionary<NeededChart, FetchedChart>.Empty);
        return target with { Kustomize = new KustomizeInputs(allowed.HelmCharts, bases), Charts = all };
    }

    // What was needed once may be needed no more: then it must not stand in the way when it cannot be fetched.
    private async Task<(ImmutableDictionary<string, FetchedBase> Bases, ImmutableDictionary<NeededChart, FetchedChart> Charts)> FetchAsync(
        Needs needs, ProjectRules project, KustomizeSettings allowed, CancellationToken cancellation)
    {
        var bases = ImmutableDictionary<string, FetchedBase>.Empty;
        var charts = ImmutableDictionary<NeededChart, FetchedChart>.Empty;
        try
        {
            foreach (var address in needs.Bases)
            {
                bases = bases.SetItem(address.Key, await FetchAsync(address, project, allowed, cancellation).ConfigureAwait(false));
            }

            foreach (var chart in allowed.HelmCharts ? needs.Charts : [])
            {
                charts = charts.SetItem(chart, await repositories.Charts.FetchAsync(chart, cancellation).ConfigureAwait(false));
            }
        }
        catch (SourceException)
        {
            // The build asks for it again if it still wants it, and the failure is told then.
        }

        return (bases, charts);
    }

    private async Task<FetchedBase> FetchAsync(RemoteAddress address, ProjectRules project, KustomizeSettings allowed, CancellationToken cancellation)
    {
        if (Refusal(address, project, allowed) is { } refusal)
        {
            settings.RequireListed();
            return new FetchedBase(null, "", refusal);
        }

        using var limit = new CancellationTokenSource(address.Timeout ?? Timeout.InfiniteTimeSpan, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            if (address.IsFile)
            {
                return await FileAsync(address, both.Token).ConfigureAwait(false);
            }

            var source = await repositories.ResolveAsync(address.Repository, address.Reference, options.PollInterval, both.Token).ConfigureAwait(false);
            var tree = allowed.Submodules && address.Submodules != false
                ? await WithSubmodulesAsync(source.Tree, RepositoryUrl.Parse(address.Repository), project, allowed, MostNested, both.Token).ConfigureAwait(false)
                : source.Tree;
            return new FetchedBase(tree, source.Commit);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new SourceException(SourceProblem.TimedOut, $"{address}: fetching took longer than the {address.Timeout} that the address allows");
        }
        catch (SourceException failure) when (!failure.IsTransient)
        {
            // Told at the line of the kustomization that asks for it.
            return new FetchedBase(null, "", failure.Message);
        }
    }

    private static string? Refusal(RemoteAddress address, ProjectRules project, KustomizeSettings allowed)
    {
        if (!allowed.RemoteBases.Any(a => a.Allows(address.Repository)))
        {
            return $"the remote base {address} is not allowed here; the operator allows it with spec.kustomize.remoteBases.repositories in the Settings of the platform repository";
        }

        if (!project.PermitsSource(address.Repository))
        {
            return $"the remote base {address} is not permitted in project \"{project.Name}\"; add it to the project's spec.sourceRepos";
        }

        return address.Submodules == true && !allowed.Submodules
            ? $"the remote base {address} asks for submodules; the operator allows them with spec.kustomize.remoteBases.submodules in the Settings of the platform repository"
            : null;
    }

    private async Task<FetchedBase> FileAsync(RemoteAddress address, CancellationToken cancellation)
    {
        var (path, sha256) = await repositories.Charts.FileAsync(address.Repository, cancellation).ConfigureAwait(false);
        if (new FileInfo(path).Length > LargestFile)
        {
            throw new SourceException(SourceProblem.TooLarge, $"{address}: the file is larger than the {LargestFile:N0} bytes allowed");
        }

        var content = await File.ReadAllBytesAsync(path, cancellation).ConfigureAwait(false);
        return new FetchedBase(new MemoryTree([(RemoteBases.FilePath, (ReadOnlyMemory<byte>)content)]), sha256);
    }

    private async Task<SourceTree> WithSubmodulesAsync(
        SourceTree tree, RepositoryUrl repository, ProjectRules project, KustomizeSettings allowed, int depth, CancellationToken cancellation)
    {
        var mounts = new Dictionary<TreePath, SourceTree>();
        foreach (var submodule in Submodules.Of(tree, repository))
        {
            if (depth == 0 || Refusal(new RemoteAddress(submodule.Url.Text, TreePath.Root), project, allowed) is not null)
            {
                throw new SourceException(SourceProblem.Refused, depth == 0
                    ? $"{repository}: submodules are nested more than {MostNested} deep"
                    : $"{repository}: its submodule {submodule.Path} is at {submodule.Url}, which neither the operator's Settings nor the project allow");
            }

            var source = await repositories.ResolveAsync(submodule.Url.Text, submodule.Commit, options.PollInterval, cancellation).ConfigureAwait(false);
            mounts[submodule.Path] = await WithSubmodulesAsync(source.Tree, submodule.Url, project, allowed, depth - 1, cancellation).ConfigureAwait(false);
        }

        return mounts.Count == 0 ? tree : new MountedTree(tree, mounts);
    }

    private sealed record Needs(ImmutableHashSet<RemoteAddress> Bases, ImmutableHashSet<NeededChart> Charts)
    {
        public static readonly Needs None = new([], []);
    }
}
