namespace Capstan.Workflows.Files.Schema;

/// <summary>The events of <c>on</c>, with the activity types and filters that each has.</summary>
internal static class EventSchema
{
    private static readonly TextShape NonEmpty = new(NotEmpty: true);
    private static readonly ChoiceShape Patterns = new(NonEmpty, new ListShape(NonEmpty));
    private static readonly string[] PullRequestTypes =
    [
        "assigned", "unassigned", "labeled", "unlabeled", "opened", "edited", "closed", "reopened", "synchronize", "converted_to_draft", "locked", "unlocked",
        "enqueued", "dequeued", "milestoned", "demilestoned", "ready_for_review", "review_requested", "review_request_removed", "auto_merge_enabled", "auto_merge_disabled",
    ];

    private static readonly string[] Branches = ["branches", "branches-ignore"];
    private static readonly string[] Paths = ["paths", "paths-ignore"];

    /// <summary>Events that take no settings.</summary>
    private static readonly string[] Plain = ["create", "delete", "deployment", "deployment_status", "fork", "gollum", "page_build", "public", "status"];

    /// <summary>Events with activity types, and their filters.</summary>
    private static readonly (string Name, string[] Types, string[] Filters)[] Typed =
    [
        ("branch_protection_rule", ["created", "edited", "deleted"], []),
        ("check_run", ["completed", "created", "rerequested", "requested_action"], []),
        ("check_suite", ["completed"], []),
        ("discussion", ["created", "edited", "deleted", "transferred", "pinned", "unpinned", "labeled", "unlabeled", "locked", "unlocked", "category_changed", "answered", "unanswered"], []),
        ("discussion_comment", ["created", "edited", "deleted"], []),
        ("image_version", ["created", "ready", "deleted"], ["names", "versions"]),
        ("issue_comment", ["created", "edited", "deleted"], []),
        ("issues", ["opened", "edited", "deleted", "transferred", "pinned", "unpinned", "closed", "reopened", "assigned", "unassigned", "labeled", "unlabeled", "locked", "unlocked",
            "milestoned", "demilestoned", "field_added", "field_removed", "typed", "untyped"], []),
        ("label", ["created", "edited", "deleted"], []),
        ("merge_group", ["checks_requested"], Branches),
        ("milestone", ["created", "closed", "opened", "edited", "deleted"], []),
        ("project", ["created", "closed", "reopened", "edited", "deleted"], []),
        ("project_card", ["created", "moved", "converted", "edited", "deleted"], []),
        ("project_column", ["created", "updated", "moved", "deleted"], []),
        ("pull_request", PullRequestTypes, [.. Branches, .. Paths]),
        ("pull_request_comment", ["created", "edited", "deleted"], []),
        ("pull_request_review", ["submitted", "edited", "dismissed"], []),
        ("pull_request_review_comment", ["created", "edited", "deleted"], []),
        ("pull_request_target", PullRequestTypes, [.. Branches, .. Paths]),
        ("push", [], [.. Branches, "tags", "tags-ignore", .. Paths]),
        ("registry_package", ["published", "updated"], []),
        ("release", ["published", "unpublished", "created", "edited", "deleted", "prereleased", "released"], []),
        ("watch", ["started"], []),
        ("workflow_run", ["requested", "completed", "in_progress"], ["workflows", .. Branches]),
    ];

    /// <summary>Every event's name.</summary>
    public static readonly IReadOnlyList<string> Names =
        [.. Plain.Concat(Typed.Select(t => t.Name)).Append("repository_dispatch").Append("schedule").Append("workflow_call").Append("workflow_dispatch").Order(StringComparer.Ordinal)];

    /// <summary>The whole of <c>on</c>.</summary>
    public static ChoiceShape On()
    {
        Shape[] names = [.. Names.Select(n => new TextShape(Exactly: n))];
        return new ChoiceShape([.. names, new ListShape(new ChoiceShape(names)), new MapShape(Events())]);
    }

    private static List<Key> Events() =>
    [
        .. Plain.Select(n => new Key(n, new NullShape())),
        .. Typed.Select(t => new Key(t.Name, new ChoiceShape(new NullShape(), new MapShape([.. Types(t.Types), .. t.Filters.Select(f => new Key(f, Patterns))])))),
        new("repository_dispatch", new ChoiceShape(new NullShape(), new MapShape([new("types", new ListShape(NonEmpty))]))),
        new("schedule", new ListShape(new MapShape([new("cron", NonEmpty, Required: true), new("timezone", NonEmpty)]))),
        new("workflow_call", InputSchema.Call),
        new("workflow_dispatch", InputSchema.Dispatch),
    ];

    private static IEnumerable<Key> Types(string[] types)
    {
        if (types.Length == 0) yield break;
        Shape[] each = [.. types.Select(t => new TextShape(Exactly: t))];
        yield return new Key("types", new ChoiceShape([.. each, new ListShape(new ChoiceShape(each))]));
    }
}
