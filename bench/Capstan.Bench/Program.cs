using Capstan.Bench;

// Whole-process benchmarks: the published program, the real git and the real kubectl, on this machine, in one run.
// Figures that speak of speed are ratios; the seconds beside them belong to the machine they were measured on.
var options = BenchOptions.Parse(args);
if (options is null)
{
    await Console.Error.WriteLineAsync(BenchOptions.Usage);
    return 2;
}

using var ending = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    ending.Cancel();
};

foreach (var scenario in Scenarios.All.Where(s => options.Scenarios.Count == 0 || options.Scenarios.Contains(s.Name)))
{
    Console.WriteLine($"## {scenario.Name}: {scenario.Title}");
    await scenario.RunAsync(options, ending.Token);
    Console.WriteLine();
}

return 0;
