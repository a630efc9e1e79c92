namespace Capstan.Bench;

/// <summary>One thing that is measured.</summary>
internal interface IScenario
{
    string Name { get; }

    string Title { get; }

    Task RunAsync(BenchOptions options, CancellationToken cancellation);
}

/// <summary>All scenarios, in the order in which they run.</summary>
internal static class Scenarios
{
    public static readonly IReadOnlyList<IScenario> All = [new PushScenario(), new FleetScenario(), new WritesScenario(), new ClusterScenario(), new HelmScenario(), new KustomizeScenario(), new PagesScenario(), new RunsScenario(), new LineScenario(), new ProgramScenario()];
}
