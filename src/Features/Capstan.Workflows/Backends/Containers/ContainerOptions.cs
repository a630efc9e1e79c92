using System.Globalization;
using Capstan.Containers.Containers;

namespace Capstan.Workflows.Backends.Containers;

/// <summary>The <c>options</c> of a job's container: a list of those that are harmless. Whatever else is written is refused, not passed on.</summary>
internal sealed record ContainerOptions
{
    /// <summary>Variables besides those of <c>env</c>.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Environment { get; init; } = [];

    /// <summary>The user; empty for the image's.</summary>
    public string User { get; init; } = "";

    /// <summary>The host name; empty for the engine's choice.</summary>
    public string Hostname { get; init; } = "";

    /// <summary>The command that tells whether a service is healthy; empty for none.</summary>
    public string HealthCommand { get; init; } = "";

    /// <summary>Processors, in parts of one; null for as many as there are.</summary>
    public double? Cpus { get; init; }

    /// <summary>Memory in bytes; null for the runner's limit.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Shared memory in bytes; null for the engine's.</summary>
    public long? SharedMemoryBytes { get; init; }

    /// <summary>Reads the options.</summary>
    /// <exception cref="WorkflowException">One is not allowed, or cannot be read.</exception>
    public static ContainerOptions Parse(string text)
    {
        var read = new ContainerOptions();
        var words = new Queue<string>(Words(text));
        while (words.TryDequeue(out var word))
        {
            var equals = word.IndexOf('=', StringComparison.Ordinal);
            var name = word.StartsWith("--", StringComparison.Ordinal) && equals > 0 ? word[..equals] : word;
            string Value() => name != word ? word[(equals + 1)..] : words.TryDequeue(out var next) ? next : throw new WorkflowException($"options: {name} needs a value");
            read = name switch
            {
                "-e" or "--env" => read with { Environment = [.. read.Environment, Pair(Value())] },
                "-u" or "--user" => read with { User = Value() },
                "-h" or "--hostname" => read with { Hostname = Value() },
                "--cpus" => read with { Cpus = double.TryParse(Value(), NumberStyles.Float, CultureInfo.InvariantCulture, out var cpus) && cpus > 0 ? cpus : throw new WorkflowException("options: --cpus is no number") },
                "-m" or "--memory" => read with { MemoryBytes = Bytes(name, Value()) },
                "--shm-size" => read with { SharedMemoryBytes = Bytes(name, Value()) },
                "--health-cmd" => read with { HealthCommand = Value() },
                "--health-interval" or "--health-timeout" or "--health-retries" or "--health-start-period" => Skip(read, Value()),
                _ => throw new WorkflowException($"options: {name} is not allowed here; there are --env, --user, --hostname, --cpus, --memory, --shm-size and --health-cmd"),
            };
        }

        return read;
    }

    /// <summary>The limits of a container.</summary>
    public ContainerLimits Limits(ContainerBackendOptions most) => new()
    {
        MemoryBytes = Math.Min(MemoryBytes ?? most.MemoryBytes, most.MemoryBytes),
        Processes = most.Processes,
        Cpus = Cpus,
        SharedMemoryBytes = SharedMemoryBytes,
    };

    /// <summary>The words of a command line, with quotes; nothing else of a shell is known.</summary>
    public static IReadOnlyList<string> Words(string text)
    {
        var words = new List<string>();
        var open = new System.Text.StringBuilder();
        var (quote, any) = ('\0', false);
        foreach (var c in text)
        {
            if (quote != '\0' && c == quote) quote = '\0';
            else if (quote == '\0' && c is '"' or '\'') (quote, any) = (c, true);
            else if (quote == '\0' && char.IsWhiteSpace(c))
            {
                if (any) words.Add(open.ToString());
                open.Clear();
                any = false;
            }
            else
            {
                open.Append(c);
                any = true;
            }
        }

        if (quote != '\0') throw new WorkflowException("options: a quote is not closed");
        if (any) words.Add(open.ToString());
        return words;
    }

    private static ContainerOptions Skip(ContainerOptions read, string _) => read;

    private static KeyValuePair<string, string> Pair(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals <= 0 ? throw new WorkflowException($"options: --env {text} is no NAME=VALUE") : new(text[..equals], text[(equals + 1)..]);
    }

    private static long Bytes(string name, string text)
    {
        var factor = char.ToLowerInvariant(text.Length == 0 ? ' ' : text[^1]) switch { 'k' => 1L << 10, 'm' => 1L << 20, 'g' => 1L << 30, 'b' => 1L, _ => 0 };
        return long.TryParse(factor == 0 ? text : text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 && number < 1L << 33
            ? number * Math.Max(1, factor)
            : throw new WorkflowException($"options: {name} {text} is no size such as 512m");
    }
}
