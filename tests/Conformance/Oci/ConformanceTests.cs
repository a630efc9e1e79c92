using Capstan.Conformance.Oci.Specs;
using Capstan.Conformance.Oci.Tables;
using Capstan.Testing;

namespace Capstan.Conformance.Oci;

/// <summary>
/// The 84 specifications of the distribution-spec's suite v1.1 under their names, and the tables of the newer one, over plain HTTP. They run against
/// Capstan's registry, and against Debian's <c>docker-registry</c>, which proves the tests. Where a registry differs is written in differences.txt.
/// </summary>
public class ConformanceTests
{
    private static readonly (string Title, Func<IEnumerable<Spec>> Specs)[] Workflows =
    [
        ("Pull", PullSpecs.All), ("Push", PushSpecs.All), ("Content Discovery", DiscoverySpecs.All), ("Content Management", ManagementSpecs.All), ("Tables", TableSpecs.All),
    ];

    private static readonly Dictionary<(string Registry, string Spec), string> Differences = ReadDifferences();

    public static TheoryData<string> Names => [.. Workflows.SelectMany(w => w.Specs().Select(s => $"{w.Title}: {s.Name}"))];

    [Fact]
    public void There_are_84_specifications_as_in_the_suite() => Assert.Equal(84, Workflows.Where(w => w.Title != "Tables").Sum(w => w.Specs().Count()));

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Capstan(string spec) => Judge("capstan", spec, await Runs.CapstanAsync());

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Docker_registry(string spec) => Judge("docker-registry", spec, await Runs.DebianAsync());

    private static void Judge(string registry, string spec, IReadOnlyDictionary<string, Outcome> outcomes)
    {
        var outcome = outcomes[spec];
        var difference = Differences.GetValueOrDefault((registry, spec));
        if (outcome.DoesNotApply is { } why)
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"does not apply: {why}");
            return;
        }

        if (difference is null) Assert.True(outcome.Failure is null, $"{registry} | {spec} | {outcome.Failure}");
        else Assert.True(outcome.Failure is not null, $"differences.txt says that it differs ({difference}), and it does not: take the line out");
    }

    private static Dictionary<(string, string), string> ReadDifferences() =>
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "differences.txt")).Where(l => l.Length > 0 && !l.StartsWith('#'))
            .Select(l => l.Split(" | ")).ToDictionary(p => (p[0], p[1]), p => p[2]);

    private sealed record Outcome(string? Failure, string? DoesNotApply);

    /// <summary>Each registry runs each workflow once, in order; the tests look at what came of it.</summary>
    private static class Runs
    {
        private static readonly SemaphoreSlim One = new(1);
        private static IReadOnlyDictionary<string, Outcome>? capstan, debian;

        public static async Task<IReadOnlyDictionary<string, Outcome>> CapstanAsync()
        {
            await One.WaitAsync();
            try
            {
                if (capstan is not null) return capstan;
                await using var registry = await RegistryFixture.StartAsync();
                using var wire = registry.Connect();
                return capstan = await RunAsync(wire);
            }
            finally
            {
                One.Release();
            }
        }

        public static async Task<IReadOnlyDictionary<string, Outcome>> DebianAsync()
        {
            await One.WaitAsync();
            try
            {
                if (debian is not null) return debian;
                await using var registry = await DebianRegistry.StartAsync();
                using var wire = new RegistryWire(registry.Address, null, null);
                return debian = await RunAsync(wire);
            }
            finally
            {
                One.Release();
            }
        }

        private static async Task<Dictionary<string, Outcome>> RunAsync(RegistryWire wire)
        {
            var outcomes = new Dictionary<string, Outcome>();
            foreach (var (title, specs) in Workflows)
            {
                var workflow = new Workflow(wire, "conformance/" + title.ToLowerInvariant().Replace(' ', '-'));
                foreach (var spec in specs()) outcomes[$"{title}: {spec.Name}"] = await RunAsync(workflow, spec);
            }

            return outcomes;
        }

        private static async Task<Outcome> RunAsync(Workflow workflow, Spec spec)
        {
            try
            {
                await spec.RunAsync(workflow);
                return new Outcome(null, null);
            }
            catch (DoesNotApply e)
            {
                return new Outcome(null, e.Message);
            }
            catch (Exception e) when (e is Xunit.Sdk.XunitException or InvalidOperationException or KeyNotFoundException or HttpRequestException or System.Text.Json.JsonException)
            {
                return new Outcome(e.Message, null);
            }
        }
    }
}
