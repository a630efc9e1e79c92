using Capstan.Api.Runs;

namespace Capstan.Server.Pages.Runs;

/// <summary>A job in the picture.</summary>
/// <param name="Key">Its key; empty before its turn has come.</param>
/// <param name="Name">Its name.</param>
/// <param name="State">Its state.</param>
/// <param name="X">Its left edge.</param>
/// <param name="Y">Its upper edge.</param>
public sealed record JobBox(string Key, string Name, string State, int X, int Y);

/// <summary>The jobs of a run, laid out from left to right: each in the column behind the last of those that it needs, the jobs of a matrix beneath one another.</summary>
/// <param name="Boxes">The jobs.</param>
/// <param name="Lines">Lines from a job to those that need it.</param>
/// <param name="Width">The picture's width.</param>
/// <param name="Height">The picture's height.</param>
public sealed record JobPicture(IReadOnlyList<JobBox> Boxes, IReadOnlyList<TreeLine> Lines, int Width, int Height)
{
    /// <summary>A box's width.</summary>
    public const int BoxWidth = 210;

    /// <summary>A box's height.</summary>
    public const int BoxHeight = 34;

    private const int Column = BoxWidth + 48;
    private const int Row = BoxHeight + 10;
    private const int Margin = 4;

    /// <summary>Above this many jobs nobody reads a picture; the list beneath shows them all.</summary>
    private const int MostJobs = 300;

    /// <summary>Lays the jobs out.</summary>
    public static JobPicture Of(Run run, RunGraph graph)
    {
        var levels = Levels(graph);
        var rows = new Dictionary<int, int>();
        var boxes = new List<JobBox>();
        var placed = new Dictionary<string, List<JobBox>>(StringComparer.Ordinal);
        foreach (var job in graph.Jobs.OrderBy(j => levels[j.Id]))
        {
            var level = levels[job.Id];
            var own = placed[job.Id] = [];
            foreach (var (key, name, state) in Instances(run, job))
            {
                if (boxes.Count == MostJobs) break;
                var row = rows.GetValueOrDefault(level);
                rows[level] = row + 1;
                own.Add(new JobBox(key, name, state, Margin + level * Column, Margin + row * Row));
                boxes.Add(own[^1]);
            }
        }
        return new JobPicture(boxes, Connect(graph, placed), boxes.Count == 0 ? 0 : boxes.Max(b => b.X) + BoxWidth + Margin, rows.Count == 0 ? 0 : rows.Values.Max() * Row + Margin);
    }

    // A matrix that another needs would make a line of each to each; from its middle to the middle says as much.
    private static IReadOnlyList<TreeLine> Connect(RunGraph graph, Dictionary<string, List<JobBox>> placed) =>
    [
        .. from job in graph.Jobs
           from need in job.Needs.Distinct(StringComparer.Ordinal)
           where placed.ContainsKey(need) && placed[need].Count > 0 && placed[job.Id].Count > 0
           from box in placed[job.Id]
           let middle = placed[need][placed[need].Count / 2]
           select new TreeLine(middle.X + BoxWidth, middle.Y + BoxHeight / 2, box.X, box.Y + BoxHeight / 2),
    ];

    private static IEnumerable<(string Key, string Name, string State)> Instances(Run run, RunGraphJob job)
    {
        if (job.Keys.Count == 0) return [("", job.Id, run.Conclusion is null ? "Queued" : "Skipped")];
        return run.Jobs.Where(j => job.Keys.Contains(j.Key)).Select(j => (j.Key, j.Name, RunStates.Of(j.Phase, j.Conclusion)));
    }

    // The reader of workflows refused cycles; what came another way ends all the same, as each round settles one more job or none.
    private static Dictionary<string, int> Levels(RunGraph graph)
    {
        var levels = graph.Jobs.ToDictionary(j => j.Id, _ => 0, StringComparer.Ordinal);
        for (var round = 0; round < graph.Jobs.Count; round++)
        {
            var moved = false;
            foreach (var job in graph.Jobs)
            {
                var level = job.Needs.Where(levels.ContainsKey).Select(n => levels[n] + 1).DefaultIfEmpty(0).Max();
                if (level <= levels[job.Id] || level > graph.Jobs.Count) continue;
                levels[job.Id] = level;
                moved = true;
            }
            if (!moved) break;
        }
        return levels;
    }
}
