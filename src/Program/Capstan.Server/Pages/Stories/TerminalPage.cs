using System.Buffers.Text;
using System.Security.Cryptography;
using Capstan.Server.Applications;
using Capstan.Server.Hosting;
using Microsoft.AspNetCore.Http;

namespace Capstan.Server.Pages.Stories;

/// <summary>A terminal in a container.</summary>
/// <param name="Frame">Around it.</param>
/// <param name="Head">The application.</param>
/// <param name="Pod">The pod, as the tree names it.</param>
/// <param name="Containers">Its containers.</param>
/// <param name="Container">The one that is meant.</param>
/// <param name="Socket">Where the terminal is served.</param>
/// <param name="Nonce">What styles that the terminal itself makes carry.</param>
/// <param name="Problem">Why there is none; empty otherwise.</param>
public sealed record TerminalModel(Frame Frame, ApplicationHead Head, string Pod, IReadOnlyList<string> Containers, string Container, string Socket, string Nonce, string Problem);

/// <summary>The page of a terminal.</summary>
internal static class TerminalPage
{
    public static async Task ShowAsync(HttpContext http, ServerParts parts)
    {
        var application = ApplicationPages.Find(http, parts);
        var (_, containers) = await Terminals.FindAsync(http, parts, application).ConfigureAwait(false);
        var pod = http.Request.Query["object"].FirstOrDefault() ?? "";
        var container = http.Request.Query["container"].FirstOrDefault() is { } named && containers.Contains(named) ? named : containers.Count > 0 ? containers[0] : "";
        var nonce = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(18));
        // The terminal lays itself out with style sheets that it writes; they are let in by a word that is new for each page, and no others are.
        http.Response.Headers.ContentSecurityPolicy = http.Response.Headers.ContentSecurityPolicy.ToString().Replace("style-src 'self'", $"style-src 'self' 'nonce-{nonce}'", StringComparison.Ordinal);
        var socket = $"/api/v1/applications/{Uri.EscapeDataString(application.Name)}/terminal?object={Uri.EscapeDataString(pod)}&container={Uri.EscapeDataString(container)}";
        await PageFrame.ShowAsync(http, Slices.Terminal.Create(new TerminalModel(
            ApplicationPages.Frame(http, parts, application, live: false), ApplicationPages.Head(http, parts, application, ""), pod, containers, container, socket, nonce,
            Assets.Has("xterm.js") ? "" : "This program was built without the script of the terminal. `kubectl exec` works all the same."))).ConfigureAwait(false);
    }
}
