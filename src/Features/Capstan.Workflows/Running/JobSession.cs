using System.Globalization;
using Capstan.Expressions;
using Capstan.Workflows.Backends;
using Capstan.Workflows.Commands;
using Capstan.Workflows.Images;
using Capstan.Workflows.Logs;
using Capstan.Workflows.Planning;
using Capstan.Workflows.Places;
using Capstan.Workflows.Reports;
using Capstan.Workflows.Runs;

namespace Capstan.Workflows.Running;

/// <summary>A job while it runs: what its steps have changed. One task owns it.</summary>
internal sealed class JobSession
{
    private readonly List<KeyValuePair<string, ExpressionValue>> _github;
    private readonly ObjectValue _secrets;
    private readonly ObjectValue _variables;

    public JobSession(JobPlan plan, RunServices services, JobFolder folder, IJobMachine machine, JobLog log, Action<Annotation> annotate)
    {
        (Plan, Services, Folder, Machine, Log, Annotate) = (plan, services, folder, machine, log, annotate);
        _github = GitHubContext.Of(plan.Run, services.Options.ServerUrl);
        _github.AddRange(Texts(
            ("job", plan.Job.Id), ("workspace", machine.Inner(folder.Workspace)), ("event_path", machine.Inner(Path.Combine(folder.Files, "event.json"))), ("token", plan.Token)));
        _secrets = ObjectValue.Of(plan.Secrets.Append(new("GITHUB_TOKEN", plan.Token)));
        _variables = ObjectValue.Of(plan.Variables);
    }

    public JobPlan Plan { get; }

    public RunServices Services { get; }

    public JobFolder Folder { get; }

    public IJobMachine Machine { get; }

    public JobLog Log { get; }

    public Action<Annotation> Annotate { get; }

    /// <summary>The environment of steps: what the file says, and what steps appended to <c>GITHUB_ENV</c>.</summary>
    public Dictionary<string, string> Environment { get; } = new(StringComparer.Ordinal);

    /// <summary>Folders before the others, the last one first.</summary>
    public List<string> Paths { get; } = [];

    /// <summary>What runs after the steps, the last one first.</summary>
    public Stack<(string Name, string? If, Func<CancellationToken, Task<bool>> Run)> Posts { get; } = new();

    /// <summary>What was appended to <c>GITHUB_STEP_SUMMARY</c>.</summary>
    public System.Text.StringBuilder Summary { get; } = new();

    /// <summary>Who signs in at which registry, for builds.</summary>
    public RegistryLogins Logins { get; } = new();

    /// <summary>The images that the job pushed, each with tag and digest.</summary>
    public List<string> Images { get; } = [];

    /// <summary>What came of the tests whose reports the job uploaded.</summary>
    public TestCounts Tests { get; set; } = TestCounts.None;

    /// <summary>Whether somebody ended the job, or its time is up.</summary>
    public bool Cancelled { get; set; }

    /// <summary>Whether a step of the job failed.</summary>
    public bool Failed { get; set; }

    /// <summary>The title of the step whose group is not in the log yet: a step that is skipped leaves none.</summary>
    public string? StepTitle { get; set; }

    /// <summary>Whether the log says which Node runs actions.</summary>
    public bool NodeTold { get; set; }

    /// <summary>How many files were made for steps.</summary>
    public int Files { get; set; }

    public string Status => Cancelled ? Conclusions.Cancelled : Failed ? Conclusions.Failure : Conclusions.Success;

    /// <summary>Evaluates parts of the file as a step sees them.</summary>
    public NodeEvaluator Evaluator(StepScope scope, IReadOnlyDictionary<string, string> environment, CancellationToken cancellation) => new(scope.File, Language(scope), Contexts(scope, environment, cancellation));

    /// <summary>The variables of a program that a step runs.</summary>
    public Dictionary<string, string> VariablesOf(StepScope scope, IReadOnlyDictionary<string, string> environment)
    {
        var variables = GitHubContext.Variables(_github);
        variables["HOME"] = Machine.Inner(Folder.Home);
        foreach (var (name, value) in Runner()) variables[$"RUNNER_{name.ToUpperInvariant()}"] = value;
        foreach (var (name, value) in environment) variables[name] = value;
        variables["PATH"] = string.Join(':', Paths.AsEnumerable().Reverse().Append(environment.GetValueOrDefault("PATH") ?? Machine.SearchPath));
        if (scope.ActionPath.Length > 0) variables["GITHUB_ACTION_PATH"] = scope.ActionPath;
        return variables;
    }

    private Dictionary<string, string> Runner() => new(StringComparer.Ordinal)
    {
        ["os"] = "Linux",
        ["arch"] = System.Runtime.InteropServices.RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "ARM64" : "X64",
        ["name"] = "capstan",
        ["environment"] = "self-hosted",
        ["temp"] = Machine.Inner(Folder.Temp),
        ["tool_cache"] = Machine.Inner(Folder.Tools),
        ["workspace"] = Machine.Inner(Folder.Root),
    };

    private EvaluationContext Contexts(StepScope scope, IReadOnlyDictionary<string, string> environment, CancellationToken cancellation) => new(
    [
        new("github", new ObjectValue(scope.ActionPath.Length == 0 ? _github : _github.Append(new("action_path", ExpressionValue.Of(scope.ActionPath))))),
        new("env", ObjectValue.Of(environment, caseSensitive: true)),
        new("vars", _variables),
        new("secrets", _secrets),
        new("matrix", Plan.Matrix),
        new("strategy", Plan.Strategy),
        new("needs", Plan.Needs),
        new("inputs", scope.Inputs),
        new("steps", scope.Steps),
        new("runner", ObjectValue.Of(Runner())),
        new("job", ObjectValue.Of(
            ("status", ExpressionValue.Of(Status)),
            ("container", ObjectValue.Of(("id", ExpressionValue.Of(Machine.Facts.ContainerId)), ("network", ExpressionValue.Of(Machine.Facts.Network)))),
            ("services", new ObjectValue(Machine.Facts.Services.Select(s => new KeyValuePair<string, ExpressionValue>(s.Key, ObjectValue.Of(("id", ExpressionValue.Of(s.Value)), ("network", ExpressionValue.Of(Machine.Facts.Network))))))))),
    ])
    {
        Cancellation = cancellation,
    };

    private ExpressionLanguage Language(StepScope scope) => new(Place.Anywhere.Language.Contexts,
    [
        new("success", 0, 0, _ => ExpressionValue.Of(!scope.Failed && !Cancelled)),
        new("failure", 0, 0, _ => ExpressionValue.Of(scope.Failed && !Cancelled)),
        new("always", 0, 0, _ => ExpressionValue.Of(true)),
        new("cancelled", 0, 0, _ => ExpressionValue.Of(Cancelled)),
        new("hashFiles", 1, 255, call => call.Text(FileHash.Of(Folder, [.. call.Arguments.Select(a => a.Text)]))),
    ]);

    private static IEnumerable<KeyValuePair<string, ExpressionValue>> Texts(params (string Name, string Value)[] pairs) =>
        pairs.Select(p => new KeyValuePair<string, ExpressionValue>(p.Name, ExpressionValue.Of(p.Value)));

    /// <summary>Opens the step's group in the log.</summary>
    public void OpenGroup()
    {
        if (StepTitle is null) return;
        Log.Write($"##[group]{StepTitle}");
        StepTitle = null;
    }

    /// <summary>A new file for a step, as this machine sees it.</summary>
    public string NewFile(string name) => Path.Combine(Folder.Files, $"{name}-{(++Files).ToString(CultureInfo.InvariantCulture)}");
}
