using Capstan.Delivery.Applications;
using Capstan.Delivery.Rendering;

namespace Capstan.Delivery.Controllers;

/// <summary>All sources of one Application, each at the commit that counts.</summary>
/// <param name="All">The sources in their order.</param>
internal sealed record ResolvedSources(IReadOnlyList<(ApplicationSource Source, ResolvedSource At)> All)
{
    /// <summary>The commits as one text, see <see cref="SourceRevisions"/>.</summary>
    public string Revision { get; } = SourceRevisions.Join(All.Select(s => s.At.Commit));

    /// <summary>The files that sources lend to one another, by the name of their ref.</summary>
    public IReadOnlyDictionary<string, LentSource> Lent { get; } = All.Index().Where(s => s.Item.Source.Ref.Length > 0)
        .GroupBy(s => s.Item.Source.Ref, StringComparer.Ordinal)
        .ToDictionary(g => g.Key, g => new LentSource(g.First().Index, g.First().Item.At.Tree), StringComparer.Ordinal);
}
