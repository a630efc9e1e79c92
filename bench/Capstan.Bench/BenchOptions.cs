using System.Globalization;

namespace Capstan.Bench;

/// <summary>What to measure, and with which programs.</summary>
/// <param name="Capstan">The published program.</param>
/// <param name="Kubectl">kubectl, to compare with; empty leaves the comparison out, and says so.</param>
/// <param name="Kubeconfig">A cluster to measure against; empty for LocalCluster.</param>
/// <param name="Applications">How many applications the large scenario has.</param>
/// <param name="Pushes">How many pushes are timed.</param>
/// <param name="Scenarios">Names of scenarios; empty for all.</param>
internal sealed record BenchOptions(
    string Capstan, string Kubectl, string Kubeconfig, int Applications, int Pushes, IReadOnlyList<string> Scenarios)
{
    /// <summary>The kubeconfig of a real API server to compare the embedded one with; empty leaves the comparison out, and says so.</summary>
    public string Peer { get; init; } = "";

    public const string Usage = """
        usage: Capstan.Bench --capstan FILE [--kubectl FILE] [--kubeconfig FILE] [--peer FILE] [--applications N] [--pushes N] [SCENARIO…]

        scenarios: push, fleet, writes, cluster, helm, kustomize, pages, runs, line, program (all without a name)
        """;

    /// <summary>How many requests are on their way at once, in the bare client and in every comparison.</summary>
    public const int Concurrency = 16;

    public static BenchOptions? Parse(string[] args)
    {
        var options = new BenchOptions("", "", "", 1000, 100, []);
        for (var i = 0; i < args.Length; i++)
        {
            if (!args[i].StartsWith("--", StringComparison.Ordinal))
            {
                options = options with { Scenarios = [.. options.Scenarios, args[i]] };
                continue;
            }

            if (i + 1 == args.Length)
            {
                return null;
            }

            var value = args[++i];
            var parsed = args[i - 1] switch
            {
                "--capstan" => options with { Capstan = Path.GetFullPath(value) },
                "--kubectl" => options with { Kubectl = value },
                "--kubeconfig" => options with { Kubeconfig = Path.GetFullPath(value) },
                "--peer" => options with { Peer = Path.GetFullPath(value) },
                "--applications" => options with { Applications = int.Parse(value, CultureInfo.InvariantCulture) },
                "--pushes" => options with { Pushes = int.Parse(value, CultureInfo.InvariantCulture) },
                _ => null,
            };
            if (parsed is null)
            {
                return null;
            }

            options = parsed;
        }

        return File.Exists(options.Capstan) ? options : null;
    }
}
