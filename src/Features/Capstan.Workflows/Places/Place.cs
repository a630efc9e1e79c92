using System.Collections.Concurrent;
using Capstan.Expressions;

namespace Capstan.Workflows.Places;

/// <summary>A place of a workflow file where expressions may stand: which contexts and functions they may use there.</summary>
public sealed class Place
{
    private static readonly ConcurrentDictionary<string, ExpressionFunction> Named = new(StringComparer.Ordinal);

    private Place(string[] contexts, string[] functions) =>
        Language = new ExpressionLanguage(contexts, functions.Select(f => Named.GetOrAdd(f, Declared)));

    /// <summary>The language of the place.</summary>
    public ExpressionLanguage Language { get; }

    private static readonly string[] Run = ["github", "inputs", "vars"];
    private static readonly string[] Jobs = [.. Run, "needs"];
    private static readonly string[] Matrix = [.. Jobs, "strategy", "matrix"];
    private static readonly string[] Runner = [.. Matrix, "steps", "job", "runner", "env"];
    private static readonly string[] JobStatus = ["always(0,0)", "failure(0,MAX)", "cancelled(0,0)", "success(0,MAX)"];
    private static readonly string[] StepStatus = ["always(0,0)", "failure(0,0)", "cancelled(0,0)", "success(0,0)"];
    private static readonly string[] Hash = ["hashFiles(1,255)"];

    /// <summary>Where no expression may stand.</summary>
    public static readonly Place None = new([], []);

    /// <summary>The whole run, before its jobs: <c>run-name</c>, <c>concurrency</c>, defaults of inputs.</summary>
    public static readonly Place WholeRun = new(Run, []);

    /// <summary>The environment of all jobs.</summary>
    public static readonly Place WholeRunWithSecrets = new([.. Run, "secrets"], []);

    /// <summary>Outputs of a reusable workflow.</summary>
    public static readonly Place CallOutputs = new([.. Run, "jobs"], []);

    /// <summary>The condition of a job.</summary>
    public static readonly Place JobCondition = new(Jobs, JobStatus);

    /// <summary>The strategy of a job.</summary>
    public static readonly Place Strategy = new(Jobs, []);

    /// <summary>A job after its matrix is known: <c>runs-on</c>, <c>container</c>, <c>name</c> …</summary>
    public static readonly Place Job = new(Matrix, []);

    /// <summary>The environment of a job, or the secrets that it hands to a workflow.</summary>
    public static readonly Place JobWithSecrets = new([.. Matrix, "secrets"], []);

    /// <summary>Defaults of a job's steps.</summary>
    public static readonly Place JobDefaults = new([.. Matrix, "env"], []);

    /// <summary>Credentials of a container.</summary>
    public static readonly Place Credentials = new([.. Run, "secrets", "env"], []);

    /// <summary>The address of an environment.</summary>
    public static readonly Place EnvironmentUrl = new(Runner, []);

    /// <summary>Outputs of a job, environments of containers.</summary>
    public static readonly Place Outputs = new([.. Runner, "secrets"], []);

    /// <summary>A step.</summary>
    public static readonly Place Step = new([.. Runner, "secrets"], Hash);

    /// <summary>The condition of a step.</summary>
    public static readonly Place StepCondition = new(Runner, [.. StepStatus, .. Hash]);

    /// <summary>The image that a snapshot makes.</summary>
    public static readonly Place Snapshot = new(Matrix, []);

    /// <summary>Everything that there is anywhere: for what was checked against its own place before.</summary>
    public static readonly Place Anywhere = new([.. Runner, "secrets", "jobs"], [.. JobStatus, .. Hash]);

    // A place only tells which functions there are; who runs a job says what they do.
    private static ExpressionFunction Declared(string text)
    {
        var open = text.IndexOf('(', StringComparison.Ordinal);
        var bounds = text[(open + 1)..^1].Split(',');
        var most = bounds[1] == "MAX" ? int.MaxValue : int.Parse(bounds[1], System.Globalization.CultureInfo.InvariantCulture);
        return new ExpressionFunction(text[..open], int.Parse(bounds[0], System.Globalization.CultureInfo.InvariantCulture), most, _ => ExpressionValue.Null);
    }
}
