using System.Globalization;
using System.Text;
using Capstan.Server.Live;

namespace Capstan.Server.Metrics;

/// <summary>The metrics of applications under the names and labels that Argo CD gives them, so that its dashboards and alerts serve on.</summary>
internal static class ArgoMetrics
{
    public static void WriteTo(StringBuilder text, IEnumerable<IndexedApplication> applications)
    {
        var all = applications.ToArray();
        text.Append("# HELP argocd_app_info Information about application.\n# TYPE argocd_app_info gauge\n");
        foreach (var a in all)
        {
            Line(text, "argocd_app_info", [
                ("autosync_enabled", a.Automated ? "true" : "false"), ("dest_namespace", a.Summary.Destination), ("dest_server", a.Cluster), ("health_status", a.Summary.Health), ("name", a.Name),
                ("namespace", a.Summary.Namespace), ("operation", a.Summary.IsBusy ? "sync" : ""), ("project", a.Project), ("repo", a.Summary.Source), ("sync_status", a.Summary.Sync)], 1);
        }
        text.Append("# HELP argocd_app_condition Report application conditions.\n# TYPE argocd_app_condition gauge\n");
        foreach (var a in all)
        {
            foreach (var kind in a.Summary.Conditions.Select(c => c[..Math.Max(0, c.IndexOf(':', StringComparison.Ordinal))]).GroupBy(k => k, StringComparer.Ordinal))
            {
                Line(text, "argocd_app_condition", [("condition", kind.Key), ("name", a.Name), ("namespace", a.Summary.Namespace), ("project", a.Project)], kind.Count());
            }
        }
        text.Append("# HELP capstan_applications Applications by health and sync status.\n# TYPE capstan_applications gauge\n");
        foreach (var group in all.GroupBy(a => (a.Summary.Health, a.Summary.Sync))) Line(text, "capstan_applications", [("health", group.Key.Health), ("sync", group.Key.Sync)], group.Count());
    }

    private static void Line(StringBuilder text, string name, ReadOnlySpan<(string Name, string Value)> labels, int value)
    {
        text.Append(name).Append('{');
        for (var i = 0; i < labels.Length; i++) text.Append(i == 0 ? "" : ",").Append(labels[i].Name).Append("=\"").Append(Escape(labels[i].Value)).Append('"');
        text.Append("} ").Append(value.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }

    // What the text form asks for, so that no value can begin a line of its own.
    private static string Escape(string value) => value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).ReplaceLineEndings("\\n");
}
