using Capstan.Workflows.Running;

namespace Capstan.Workflows.Actions.BuiltIn;

/// <summary>One use of a built-in action.</summary>
/// <param name="Session">The job.</param>
/// <param name="Steps">Runs programs in the job.</param>
/// <param name="Call">The step.</param>
/// <param name="Inputs">Its inputs, with their defaults.</param>
internal sealed record BuiltInCall(JobSession Session, StepRunner Steps, ActionCall Call, IReadOnlyDictionary<string, string> Inputs)
{
    /// <summary>An input; empty when it is not given.</summary>
    public string Input(string name) => Inputs.GetValueOrDefault(name) ?? "";

    /// <summary>The lines of an input.</summary>
    public IReadOnlyList<string> Lines(string name) => Input(name).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Sets an output.</summary>
    public void Output(string name, string value) => Call.Outputs[name] = value;

    /// <summary>Writes a line to the log.</summary>
    public void Say(string line) => Session.Log.Write(line);

    /// <summary>Writes a failure to the log.</summary>
    public bool Fail(string line)
    {
        Session.Log.Write($"##[error]{line}");
        return false;
    }
}

/// <summary>What a built-in action does.</summary>
internal interface IBuiltInStep
{
    /// <summary>Does it.</summary>
    /// <returns>False when it failed, which the log tells already.</returns>
    Task<bool> RunAsync(BuiltInCall call, CancellationToken cancellation);
}

/// <summary>What each built-in action does: a line here, a file beside, and a line in <see cref="BuiltInActions"/>.</summary>
internal static class BuiltInSteps
{
    private static readonly Dictionary<string, IBuiltInStep> ByName = new(StringComparer.Ordinal)
    {
        ["actions/checkout"] = new CheckoutStep(),
        ["actions/cache"] = new CacheStep(restore: true, save: true),
        ["actions/cache/restore"] = new CacheStep(restore: true, save: false),
        ["actions/cache/save"] = new CacheStep(restore: false, save: true),
        ["actions/upload-artifact"] = new UploadArtifactStep(),
        ["actions/download-artifact"] = new DownloadArtifactStep(),
        ["actions/setup-node"] = new SetupToolStep("Node.js", ["node", "--version"], "node-version", "nodejs npm"),
        ["actions/setup-python"] = new SetupToolStep("Python", ["python3", "--version"], "python-version", "python3 python3-venv python3-pip"),
        ["actions/setup-go"] = new SetupToolStep("Go", ["go", "version"], "go-version", "golang-go"),
        ["actions/setup-java"] = new SetupToolStep("Java", ["java", "-version"], "java-version", "default-jdk-headless", "version"),
        ["actions/setup-dotnet"] = new SetupToolStep(".NET", ["dotnet", "--version"], "dotnet-version", ""),
        ["docker/setup-qemu-action"] = new NothingToDoStep(),
        ["docker/setup-buildx-action"] = new NothingToDoStep(),
        ["docker/login-action"] = new LoginStep(),
        ["docker/metadata-action"] = new MetadataStep(),
        ["docker/build-push-action"] = new BuildImageStep(own: false),
        ["capstan/build-image"] = new BuildImageStep(own: true),
        ["capstan/publish"] = new PublishStep(),
        ["capstan/apply"] = new ApplyStep(),
    };

    /// <summary>What an action does.</summary>
    public static IBuiltInStep Find(string name) => ByName[name];

    /// <summary>The names of those that are done.</summary>
    public static IReadOnlyCollection<string> Names => ByName.Keys;
}
