using System.Globalization;
using Capstan.Oci.Manifests;
using Capstan.Registry.Building.Dockerfiles;

namespace Capstan.Registry.Building;

/// <summary>The instructions that change how an image is run and none of its files.</summary>
internal static class ConfigSteps
{
    /// <summary>Carries one out; null when it is not among these.</summary>
    public static RunConfig? Apply(Instruction instruction, Stage stage)
    {
        var config = stage.Config;
        return instruction.Keyword switch
        {
            "ENV" => config with { Env = Pairs(instruction, stage).Aggregate(config.Env ?? [], Set) },
            "LABEL" => config with { Labels = Merge(config.Labels, Pairs(instruction, stage).Select(p => (p.Name, p.Value))) },
            "USER" => config with { User = One(instruction, stage) },
            "STOPSIGNAL" => config with { StopSignal = One(instruction, stage) },
            "EXPOSE" => config with { ExposedPorts = Merge(config.ExposedPorts, Many(instruction, stage).Select(p => (Port(p, instruction), new EmptyObject()))) },
            "VOLUME" => config with { Volumes = Merge(config.Volumes, (Words.List(instruction.Text)?.Select(w => Words.Fill(w, stage.Variable, instruction)) ?? Many(instruction, stage)).Select(v => (v, new EmptyObject()))) },
            "ENTRYPOINT" => config with { Entrypoint = Form(instruction, config), Cmd = null },
            "CMD" => config with { Cmd = Form(instruction, config) },
            "SHELL" => config with { Shell = Words.List(instruction.Text) is { Count: > 0 } shell ? shell : throw instruction.Wrong("is a list: [\"/bin/sh\", \"-c\"]") },
            "HEALTHCHECK" => config with { HealthCheck = Health(instruction, config) },
            "MAINTAINER" => config with { Labels = Merge(config.Labels, [("maintainer", instruction.Text)]) },
            _ => null,
        };
    }

    private static List<string> Many(Instruction instruction, Stage stage) =>
        Words.Split(instruction.Text, stage.Variable, instruction) is { Count: > 0 } words ? words : throw instruction.Wrong("needs at least one value");

    private static string One(Instruction instruction, Stage stage) => Many(instruction, stage) is [var only] ? only : throw instruction.Wrong("takes one value");

    // NAME=value …, or the old form NAME value, in which the rest of the line is the value.
    private static List<(string Name, string Value)> Pairs(Instruction instruction, Stage stage)
    {
        var first = instruction.Text.Split([' ', '\t'], 2);
        if (!first[0].Contains('=', StringComparison.Ordinal))
        {
            return first is [{ Length: > 0 } name, var value] ? [(name, Words.Fill(value.Trim(), stage.Variable, instruction))] : throw instruction.Wrong("is NAME=value");
        }

        return [.. Many(instruction, stage).Select(w => w.Split('=', 2)).Select(p => p is [{ Length: > 0 } name, var value] ? (name, value) : throw instruction.Wrong($"{p[0]}: is not NAME=value"))];
    }

    private static IReadOnlyList<string> Set(IReadOnlyList<string> env, (string Name, string Value) pair)
    {
        var at = env.ToList().FindIndex(e => e.StartsWith(pair.Name + "=", StringComparison.Ordinal));
        var entry = $"{pair.Name}={pair.Value}";
        return at < 0 ? [.. env, entry] : [.. env.Take(at), entry, .. env.Skip(at + 1)];
    }

    // Ordered by name, so that the same content is the same text.
    private static SortedDictionary<string, T> Merge<T>(IReadOnlyDictionary<string, T>? there, IEnumerable<(string Name, T Value)> more)
    {
        var merged = new SortedDictionary<string, T>(StringComparer.Ordinal);
        foreach (var (name, value) in there ?? new Dictionary<string, T>()) merged[name] = value;
        foreach (var (name, value) in more) merged[name] = value;
        return merged;
    }

    private static string Port(string text, Instruction instruction)
    {
        var parts = text.Split('/', 2);
        var protocol = parts.Length == 2 ? parts[1].ToLowerInvariant() : "tcp";
        return ushort.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var port) && protocol is "tcp" or "udp" or "sctp"
            ? $"{parts[0]}/{protocol}"
            : throw instruction.Wrong($"{text}: is no port such as 8080 or 53/udp");
    }

    private static IReadOnlyList<string>? Form(Instruction instruction, RunConfig config) =>
        Words.List(instruction.Text) ?? (instruction.Text.Length == 0 ? null : [.. config.Shell ?? ["/bin/sh", "-c"], instruction.Text]);

    private static HealthCheck Health(Instruction instruction, RunConfig config)
    {
        if (instruction.Text.Equals("NONE", StringComparison.OrdinalIgnoreCase)) return new HealthCheck { Test = ["NONE"] };
        var parts = instruction.Text.Split([' ', '\t'], 2);
        if (parts is not [var word, var command] || !word.Equals("CMD", StringComparison.OrdinalIgnoreCase)) throw instruction.Wrong("is NONE or CMD and a command");
        return new HealthCheck
        {
            Test = Words.List(command.Trim()) is { } list ? ["CMD", .. list] : ["CMD-SHELL", command.Trim()],
            Interval = Duration("interval"),
            Timeout = Duration("timeout"),
            StartPeriod = Duration("start-period"),
            StartInterval = Duration("start-interval"),
            Retries = instruction.Flags.LastOrDefault(f => f.Name == "retries").Value is { } retries ? int.Parse(retries, NumberStyles.None, CultureInfo.InvariantCulture) : null,
        };

        long? Duration(string name) => instruction.Flags.LastOrDefault(f => f.Name == name).Value is { } text ? Nanoseconds(text, instruction) : null;
    }

    // Go's durations: 1m30s, 500ms.
    private static long Nanoseconds(string text, Instruction instruction)
    {
        var (total, at) = (0.0, 0);
        while (at < text.Length)
        {
            var start = at;
            while (at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] == '.')) at++;
            var unit = at;
            while (at < text.Length && char.IsAsciiLetter(text[at])) at++;
            var factor = text[unit..at] switch { "h" => 3.6e12, "m" => 6e10, "s" => 1e9, "ms" => 1e6, "us" or "µs" => 1e3, "ns" => 1, _ => 0 };
            if (factor == 0 || !double.TryParse(text[start..unit], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)) throw instruction.Wrong($"{text}: is no duration such as 30s");
            total += number * factor;
        }

        return (long)total;
    }
}
