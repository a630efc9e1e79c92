using Capstan.Delivery.Applications;
using Capstan.Trees;

namespace Capstan.Delivery.Rendering;

/// <summary>What is rendered, and for whom.</summary>
/// <param name="Tree">The files of the commit.</param>
/// <param name="Source">Which folder, and how to read it.</param>
/// <param name="Commit">The commit, which the objects' origins name.</param>
/// <param name="Target">For whom.</param>
internal sealed record RenderRequest(SourceTree Tree, ApplicationSource Source, string Commit, RenderTarget Target);
