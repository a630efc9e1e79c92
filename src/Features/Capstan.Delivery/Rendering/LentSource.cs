using Capstan.Trees;

namespace Capstan.Delivery.Rendering;

/// <summary>The files of a source with a <c>ref</c>, which other sources of the Application may read by <c>$REF/…</c>.</summary>
/// <param name="Place">Its place among the sources.</param>
/// <param name="Tree">All files of its repository, whatever its path says.</param>
public sealed record LentSource(int Place, SourceTree Tree);
