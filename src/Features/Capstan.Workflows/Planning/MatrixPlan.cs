using Capstan.Expressions;

namespace Capstan.Workflows.Planning;

/// <summary>The combinations of a job's matrix.</summary>
public static class MatrixPlan
{
    /// <summary>The most jobs that one matrix may make.</summary>
    public const int MostJobs = 256;

    /// <summary>Every combination in order; one without values where there is no matrix.</summary>
    /// <param name="matrix">The matrix, evaluated.</param>
    /// <param name="job">The job's id, for messages.</param>
    /// <exception cref="WorkflowException">It is no matrix, or makes too many jobs.</exception>
    public static IReadOnlyList<ObjectValue> Expand(ExpressionValue matrix, string job)
    {
        if (matrix.Kind == ValueKind.Null) return [ObjectValue.Empty];
        if (matrix is not ObjectValue map) throw new WorkflowException($"job '{job}': the matrix is no map but {matrix.Kind.ToString().ToLowerInvariant()}");
        var vectors = map.Entries.Where(e => e.Key is not ("include" or "exclude")).ToList();
        List<Combination> made = vectors.Count == 0 ? [] : Product(vectors, job);
        made.RemoveAll(c => Filters(map, "exclude", job).Any(filter => filter.Entries.All(f => c.Own.TryGetValue(f.Key, out var value) && Matches(value, f.Value))));
        foreach (var include in Filters(map, "include", job)) Include(made, include, vectors.Select(v => v.Key).ToHashSet(StringComparer.OrdinalIgnoreCase));
        if (made.Count > MostJobs) throw TooMany(job, made.Count);
        return made.Count == 0
            ? throw new WorkflowException($"job '{job}': the matrix has no combination, so there is nothing to run")
            : [.. made.Select(c => new ObjectValue(c.Own.Concat(c.Added)))];
    }

    /// <summary>What a combination adds to the job's name: <c> (a, b)</c>.</summary>
    public static string Suffix(ObjectValue combination)
    {
        var values = combination.Entries.SelectMany(e => Leaves(e.Value)).Where(t => t.Length > 0).ToList();
        return values.Count == 0 ? "" : $" ({string.Join(", ", values)})";
    }

    private sealed record Combination(OrderedDictionary<string, ExpressionValue> Own, OrderedDictionary<string, ExpressionValue> Added);

    private static List<Combination> Product(List<KeyValuePair<string, ExpressionValue>> vectors, string job)
    {
        List<OrderedDictionary<string, ExpressionValue>> made = [new(StringComparer.OrdinalIgnoreCase)];
        foreach (var (name, values) in vectors)
        {
            if (values is not ArrayValue list) throw new WorkflowException($"job '{job}': matrix.{name} is no list but {values.Kind.ToString().ToLowerInvariant()}");

            // What is left out later counts too: the product alone must not grow without end.
            if ((long)made.Count * list.Items.Count > MostJobs * 16) throw TooMany(job, (long)made.Count * list.Items.Count);
            made = [.. made.SelectMany(m => list.Items.Select(v => new OrderedDictionary<string, ExpressionValue>(m, StringComparer.OrdinalIgnoreCase) { [name] = v }))];
        }

        return [.. made.Select(m => new Combination(m, new(StringComparer.OrdinalIgnoreCase)))];
    }

    // What is included goes to every combination whose own values it does not change; where there is none, it is a combination of its own.
    private static void Include(List<Combination> made, ObjectValue include, HashSet<string> vectors)
    {
        var fitting = made.Where(c => c.Own.Count > 0 && include.Entries.All(e => !vectors.Contains(e.Key) || (c.Own.TryGetValue(e.Key, out var value) && Matches(value, e.Value)))).ToList();
        foreach (var combination in fitting)
        {
            foreach (var entry in include.Entries.Where(e => !vectors.Contains(e.Key))) combination.Added[entry.Key] = entry.Value;
        }

        if (fitting.Count == 0) made.Add(new Combination([], new(include.Entries, StringComparer.OrdinalIgnoreCase)));
    }

    private static IEnumerable<ObjectValue> Filters(ObjectValue matrix, string name, string job)
    {
        if (!matrix.TryGet(name, out var value) || value.Kind == ValueKind.Null) return [];
        return value is ArrayValue list && list.Items.All(i => i is ObjectValue)
            ? list.Items.Cast<ObjectValue>()
            : throw new WorkflowException($"job '{job}': matrix.{name} is no list of maps");
    }

    private static bool Matches(ExpressionValue value, ExpressionValue filter)
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        return (value, filter) switch
        {
            (ObjectValue map, ObjectValue wanted) => wanted.Entries.All(e => map.TryGet(e.Key, out var own) && Matches(own, e.Value)),
            (ArrayValue list, ArrayValue wanted) => list.Items.Count == wanted.Items.Count && list.Items.Zip(wanted.Items).All(p => Matches(p.First, p.Second)),
            _ => Comparison.AreEqual(value, filter),
        };
    }

    private static IEnumerable<string> Leaves(ExpressionValue value) => value switch
    {
        ArrayValue list => list.Items.SelectMany(Leaves),
        ObjectValue map => map.Entries.SelectMany(e => Leaves(e.Value)),
        _ => [value.Text],
    };

    private static WorkflowException TooMany(string job, long count) => new($"job '{job}': the matrix makes {count:N0} jobs, and {MostJobs} are the most");
}
