using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using Capstan.Access.Rights;
using Capstan.Api.Applications;
using Capstan.Server.Applications;
using Capstan.Server.Endpoints;
using Capstan.Server.Guarding;
using Capstan.Server.Hosting;
using Capstan.Server.Pages.Runs;
using Microsoft.AspNetCore.Html;
using Microsoft.AspNetCore.Http;

namespace Capstan.Server.Pages.Stories;

/// <summary>The pages of an application that tell a story: its timeline, the logs of its pods, where fields come from, what two deployments differ in.</summary>
internal static class StoryPages
{
    private const int DefaultLines = 200;
    private const string Pod = "pod";
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(System.Text.Unicode.UnicodeRanges.All);

    public static async Task TimelineAsync(HttpContext http, ServerParts parts)
    {
        var application = ApplicationPages.Find(http, parts);
        var all = await Applications.Timeline.ReadAsync(parts, application, GuardMiddleware.PrincipalOf(http), http.RequestAborted).ConfigureAwait(false);
        var kind = http.Request.Query["kind"].FirstOrDefault() is { } wanted && Applications.Timeline.Kinds.Contains(wanted) ? wanted : "";
        await PageFrame.ShowAsync(http, Slices.Timeline.Create(new TimelineModel(
            ApplicationPages.Frame(http, parts, application), ApplicationPages.Head(http, parts, application, "Timeline"), [.. all.Where(e => kind.Length == 0 || e.Kind == kind)], kind,
            [.. Applications.Timeline.Kinds.Select(k => (k, all.Count(e => e.Kind == k)))]))).ConfigureAwait(false);
    }

    public static async Task LogsAsync(HttpContext http, ServerParts parts)
    {
        var application = ApplicationPages.Find(http, parts);
        string Word(string name) => http.Request.Query[name].FirstOrDefault() ?? "";
        var limit = int.TryParse(Word("limit"), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 1000 ? number : DefaultLines;
        var report = await EndpointLogs(http, parts).ReadAsync(limit, http.RequestAborted).ConfigureAwait(false);
        var log = new StringBuilder();
        foreach (var line in report.Items) log.Append(Line(line));
        var (named, search) = (Word("object"), Word("search").Trim());
        var stream = $"{ApplicationPages.Address(application)}/logs/stream?object={Uri.EscapeDataString(named)}&search={Uri.EscapeDataString(search)}";
        await PageFrame.ShowAsync(http, Slices.PodLog.Create(new PodLogModel(
            ApplicationPages.Frame(http, parts, application, live: false), ApplicationPages.Head(http, parts, application, "Logs"), Applications.PodLogs.Workloads(parts.Reports.Tree(application)),
            named, search, limit, new HtmlString(log.ToString()), report.Items.Count, report.Problems, stream))).ConfigureAwait(false);
    }

    public static Task StreamAsync(HttpContext http, ServerParts parts) => ApplicationStoryEndpoints.StreamAsync(http, parts, EndpointLogs(http, parts), Line);

    public static async Task BlameAsync(HttpContext http, ServerParts parts)
    {
        var application = ApplicationPages.Find(http, parts);
        var (name, field) = (http.Request.Query["object"].FirstOrDefault() ?? "", http.Request.Query["field"].FirstOrDefault() ?? "");
        var (report, problem) = await ApplicationPages.TryAsync(() => parts.Reports.BlameAsync(application, name, field, http.RequestAborted)).ConfigureAwait(false);
        var source = HostedSource.Of(parts, application);
        var files = source is not null && parts.Rules.May(GuardMiddleware.PrincipalOf(http), Verb.Get, ResourceKind.Repositories, source.Repository.Text) ? "/repositories/" + source.Repository.Text : "";
        await PageFrame.ShowAsync(http, Slices.Blame.Create(new BlameModel(
            ApplicationPages.Frame(http, parts, application, live: false), ApplicationPages.Head(http, parts, application, ""), name, field, report, problem, files))).ConfigureAwait(false);
    }

    public static async Task CompareAsync(HttpContext http, ServerParts parts)
    {
        var application = ApplicationPages.Find(http, parts);
        var diff = await ApplicationStoryEndpoints.DiffAsync(http, parts, application).ConfigureAwait(false);
        await PageFrame.ShowAsync(http, Slices.DeploymentDiff.Create(new DeploymentDiffModel(
            ApplicationPages.Frame(http, parts, application, live: false), ApplicationPages.Head(http, parts, application, "History"), diff))).ConfigureAwait(false);
    }

    private static PodLogs EndpointLogs(HttpContext http, ServerParts parts) => ApplicationStoryEndpoints.LogsOf(http, parts, ApplicationPages.Find(http, parts));

    private static string Line(PodLine line)
    {
        var html = new StringBuilder($"<li class=\"{Pod}\">");
        if (line.At.Length >= 19) html.Append("<time title=\"").Append(Encoder.Encode(line.At)).Append("\">").Append(Encoder.Encode(line.At[11..19])).Append("</time>");
        html.Append("<span class=\"job\" title=\"").Append(Encoder.Encode($"{line.Pod} {line.Container}")).Append("\">").Append(Encoder.Encode(line.Pod[(line.Pod.IndexOf('/', StringComparison.Ordinal) + 1)..])).Append("</span><code>");
        AnsiText.Write(html, line.Text);
        return html.Append("</code></li>").ToString();
    }
}
