using Capstan.Workflows.Places;

namespace Capstan.Workflows.Files.Schema;

/// <summary>The whole shape of a workflow file.</summary>
internal static class WorkflowSchema
{
    private static readonly TextShape Text = new();
    private static readonly TextShape NonEmpty = new(NotEmpty: true);
    private static readonly FlagShape Flag = new();
    private static readonly NumberShape Number = new();
    private static readonly ListShape Words = new(NonEmpty);
    private static readonly ChoiceShape WordOrWords = new(NonEmpty, Words);
    private static readonly ChoiceShape Scalar = new(Flag, Number, Text);
    private static readonly MapShape Texts = new([], Text);
    private static readonly MapShape RunDefaults = new([new("shell", NonEmpty), new("working-directory", NonEmpty)]);

    private static readonly MapShape Concurrency = new(
    [
        new("group", NonEmpty, Required: true),
        new("cancel-in-progress", Flag),
        new("queue", new ChoiceShape(new TextShape(Exactly: "single"), new TextShape(Exactly: "max"))),
    ]);

    private static readonly string[] AnyLevel = ["read", "write", "none"];

    /// <summary>What a run's token may be allowed, with the levels that each has.</summary>
    private static readonly (string Name, string[] Levels)[] PermissionNames =
    [
        .. new[] { "actions", "artifact-metadata", "attestations", "checks", "code-quality", "contents", "deployments", "discussions", "drives", "issues", "packages", "pages",
            "pull-requests", "repository-projects", "security-events", "statuses" }.Select(n => (n, AnyLevel)),
        ("copilot-requests", ["write", "none"]), ("id-token", ["write", "none"]), ("models", ["read", "none"]), ("vulnerability-alerts", ["read", "none"]),
    ];

    private static readonly ChoiceShape Permissions = new(
        new TextShape(Exactly: "read-all"),
        new TextShape(Exactly: "write-all"),
        new MapShape([.. PermissionNames.Select(p => new Key(p.Name, new ChoiceShape([.. p.Levels.Select(l => new TextShape(Exactly: l))])))]));

    private static readonly Key[] ContainerKeys =
    [
        new("image", NonEmpty),
        new("options", Text),
        new("env", new MapShape([], Text with { Place = Place.Outputs })),
        new("ports", Words),
        new("volumes", Words),
        new("credentials", new MapShape([new("username", NonEmpty), new("password", NonEmpty)]) { Place = Place.Credentials }),
    ];

    private static readonly Key[] CommonStepKeys =
    [
        new("name", Text with { Place = Place.Step }),
        new("id", NonEmpty),
        new("if", Text with { Place = Place.StepCondition }),
        new("timeout-minutes", Number with { Place = Place.Step }),
        new("continue-on-error", Flag with { Place = Place.Step }),
        new("env", Texts with { Place = Place.Step }),
    ];

    private static readonly Key[] CommonJobKeys =
    [
        new("needs", WordOrWords),
        new("if", Text with { Place = Place.JobCondition }),
        new("strategy", Strategy()),
        new("name", Text with { Place = Place.Job }),
        new("permissions", Permissions),
        new("concurrency", new ChoiceShape(NonEmpty, Concurrency) { Place = Place.Job }),
    ];

    /// <summary>One step.</summary>
    public static ChoiceShape Step { get; } = new(
        new MapShape(
        [
            .. CommonStepKeys,
            new("run", Text with { Place = Place.Step }, Required: true),
            new("working-directory", Text with { Place = Place.Step }),
            new("shell", NonEmpty),
        ]),
        new MapShape([.. CommonStepKeys, new("uses", NonEmpty, Required: true), new("with", Texts with { Place = Place.Step })]));

    /// <summary>The file.</summary>
    public static MapShape Root { get; } = new(
    [
        new("on", EventSchema.On(), Required: true),
        new("name", Text),
        new("description", Text),
        new("run-name", Text with { Place = Place.WholeRun }),
        new("defaults", new MapShape([new("run", RunDefaults)])),
        new("env", Texts with { Place = Place.WholeRunWithSecrets }),
        new("permissions", Permissions),
        new("concurrency", new ChoiceShape(Text, Concurrency) { Place = Place.WholeRun }),
        new("jobs", new MapShape([], new ChoiceShape(Job(), CallingJob())), Required: true),
    ]);

    private static MapShape Job() => new(
    [
        .. CommonJobKeys,
        new("runs-on", new ChoiceShape(NonEmpty, Words, new MapShape([new("group", NonEmpty), new("labels", WordOrWords)])) { Place = Place.Job }, Required: true),
        new("timeout-minutes", Number with { Place = Place.Job }),
        new("cancel-timeout-minutes", Number with { Place = Place.Job }),
        new("continue-on-error", Flag with { Place = Place.Job }),
        new("container", new ChoiceShape(Text, new MapShape(ContainerKeys)) { Place = Place.Job }),
        new("services", new MapShape([], new ChoiceShape(NonEmpty, new MapShape([.. ContainerKeys, new("entrypoint", Text), new("command", Text)]))) { Place = Place.Job }),
        new("env", Texts with { Place = Place.JobWithSecrets }),
        new("environment", new ChoiceShape(Text, new MapShape(
        [
            new("name", Text, Required: true), new("url", Text with { Place = Place.EnvironmentUrl }), new("deployment", Flag),
        ])) { Place = Place.Job }),
        new("outputs", new MapShape([], Text with { Place = Place.Outputs })),
        new("defaults", new MapShape([new("run", RunDefaults with { Place = Place.JobDefaults })])),
        new("steps", new ListShape(Step)),
        new("snapshot", new ChoiceShape(NonEmpty, new MapShape(
        [
            new("image-name", NonEmpty, Required: true), new("if", Text with { Place = Place.Snapshot }), new("version", NonEmpty),
        ]))),
    ]);

    private static MapShape CallingJob() => new(
    [
        .. CommonJobKeys,
        new("uses", NonEmpty, Required: true),
        new("with", new MapShape([], Scalar with { Place = Place.Job })),
        new("secrets", new ChoiceShape(new TextShape(Exactly: "inherit"), new MapShape([], Scalar with { Place = Place.JobWithSecrets }))),
    ]);

    private static MapShape Strategy()
    {
        var filter = new ListShape(new MapShape([], new AnyShape()));
        return new MapShape(
        [
            new("fail-fast", Flag),
            new("max-parallel", Number),
            new("matrix", new MapShape([new("include", filter), new("exclude", filter)], new ListShape(new AnyShape()))),
        ])
        { Place = Place.Strategy };
    }
}
