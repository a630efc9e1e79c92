using Capstan.Expressions;
using Capstan.Workflows.Files;
using Capstan.Workflows.Reports;
using Capstan.Workflows.Runs;

namespace Capstan.Workflows.Running;

/// <summary>Everything that one job needs to run.</summary>
internal sealed record JobPlan
{
    public required WorkflowRun Run { get; init; }

    /// <summary>The workflow that it is of, and what its jobs share.</summary>
    public required WorkflowScope Scope { get; init; }

    public WorkflowFile File => Scope.File;

    public required Job Job { get; init; }

    /// <summary>Its name in the run.</summary>
    public required string Key { get; init; }

    /// <summary>Its combination of the matrix.</summary>
    public required ObjectValue Matrix { get; init; }

    /// <summary>The <c>strategy</c> context.</summary>
    public required ObjectValue Strategy { get; init; }

    /// <summary>The <c>needs</c> context.</summary>
    public required ObjectValue Needs { get; init; }

    /// <summary>The <c>inputs</c> context.</summary>
    public ObjectValue Inputs => Scope.Inputs;

    /// <summary>The secrets that the workflow has; none when the run is not trusted.</summary>
    public IReadOnlyDictionary<string, string> Secrets => Scope.Secrets;

    /// <summary>The variables of the repository.</summary>
    public IReadOnlyDictionary<string, string> Variables => Scope.Variables;

    /// <summary>The job's token; empty before the job runs.</summary>
    public string Token { get; init; } = "";
}

/// <summary>How a job ended.</summary>
/// <param name="Conclusion">One of <see cref="Conclusions"/>.</param>
/// <param name="Message">Why, where there is more to say than that a step failed.</param>
internal sealed record JobOutcome(string Conclusion, string Message = "")
{
    /// <summary>Its outputs.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Outputs { get; init; } = [];

    /// <summary>The images that it pushed, each with tag and digest.</summary>
    public IReadOnlyList<string> Images { get; init; } = [];

    /// <summary>What came of the tests whose reports it uploaded.</summary>
    public TestCounts Tests { get; init; } = TestCounts.None;
}
