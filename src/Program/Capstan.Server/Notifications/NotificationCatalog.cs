namespace Capstan.Server.Notifications;

/// <summary>The triggers and templates that are there without a word, under the names of Argo CD's catalogue. A ConfigMap that has one of these names replaces it.</summary>
internal static class NotificationCatalog
{
    private const string Revision = "oncePer: app.status.operationState.syncResult.revision";

    public static readonly IReadOnlyList<(string Name, string Text)> Triggers =
    [
        ("on-created", "- when: app.metadata.uid != nil\n  oncePer: app.metadata.uid\n  send: [app-created]\n"),
        ("on-deployed", $"- when: app.status.operationState.phase in ['Succeeded'] and app.status.health.status == 'Healthy'\n  {Revision}\n  send: [app-deployed]\n"),
        ("on-health-degraded", "- when: app.status.health.status == 'Degraded'\n  send: [app-health-degraded]\n"),
        ("on-sync-failed", $"- when: app.status.operationState.phase in ['Error', 'Failed']\n  {Revision}\n  send: [app-sync-failed]\n"),
        ("on-sync-running", $"- when: app.status.operationState.phase in ['Running']\n  {Revision}\n  send: [app-sync-running]\n"),
        ("on-sync-status-unknown", "- when: app.status.sync.status == 'Unknown'\n  send: [app-sync-status-unknown]\n"),
        ("on-sync-succeeded", $"- when: app.status.operationState.phase in ['Succeeded']\n  {Revision}\n  send: [app-sync-succeeded]\n"),
    ];

    public static readonly IReadOnlyList<(string Name, string Text)> Templates =
    [
        ("app-created", Template("{{.app.metadata.name}} was created", "Application {{.app.metadata.name}} was created.", "pending")),
        ("app-deployed", Template("{{.app.metadata.name}} is deployed", "Application {{.app.metadata.name}} runs {{.app.status.operationState.syncResult.revision}} and is healthy.", "success")),
        ("app-health-degraded", Template("{{.app.metadata.name}} is degraded", "Application {{.app.metadata.name}} is degraded.{{range .why}}\n{{.what}}: {{.cause}}\nNext: {{.next}}{{end}}", "failure")),
        ("app-sync-failed", Template("{{.app.metadata.name}} could not be synced",
            "The sync of application {{.app.metadata.name}} to {{.app.status.operationState.syncResult.revision}} failed: {{.app.status.operationState.message}}{{range .why}}\n{{.what}}: {{.cause}}\nNext: {{.next}}{{end}}", "failure")),
        ("app-sync-running", Template("{{.app.metadata.name}} is being synced", "Application {{.app.metadata.name}} is being synced.", "pending")),
        ("app-sync-status-unknown", Template("{{.app.metadata.name}} cannot be compared", "Application {{.app.metadata.name}} cannot be compared with its source.{{range .why}}\n{{.what}}: {{.cause}}\nNext: {{.next}}{{end}}", "error")),
        ("app-sync-succeeded", Template("{{.app.metadata.name}} is synced", "Application {{.app.metadata.name}} is synced to {{.app.status.operationState.syncResult.revision}}.", "success")),
    ];

    private const string Link = "{{.context.argocdUrl}}/applications/{{.app.metadata.name}}";

    private static string Template(string title, string message, string state) =>
        $"title: \"{title}\"\nmessage: {Json(message + "\n" + Link)}\nemail: {{subject: \"{title}\"}}\nstatus: {{state: {state}}}\n";

    private static string Json(string text) => $"\"{text.Replace("\n", "\\n", StringComparison.Ordinal)}\"";
}
