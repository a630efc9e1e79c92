using Capstan.Delivery.Applications;
using Capstan.Yaml;

namespace Capstan.Delivery.Projects.Windows;

/// <summary>Reads <c>spec.syncWindows</c> of a project. A window that is not understood is a problem, since to pass it over would be to lift it.</summary>
internal static class SyncWindowReader
{
    public static IReadOnlyList<SyncWindow> Read(FieldReader spec, List<string> problems)
    {
        var windows = new List<SyncWindow>();
        foreach (var (i, item) in spec.Items("syncWindows").Index())
        {
            var path = $"spec.syncWindows[{i}]";
            if (item is not YamlMap map)
            {
                problems.Add($"{path} must be a map, it is {item.Description}");
            }
            else if (Read(new FieldReader(map, path, problems), path, problems) is { } window)
            {
                windows.Add(window);
            }
        }

        return windows;
    }

    private static SyncWindow? Read(FieldReader reader, string path, List<string> problems)
    {
        var kind = reader.Text("kind");
        if (kind is not ("allow" or "deny"))
        {
            problems.Add($"{path}.kind must be allow or deny, it is \"{kind}\"");
        }

        var duration = reader.Duration("duration", TimeSpan.Zero);
        if (duration <= TimeSpan.Zero)
        {
            problems.Add($"{path}.duration must be longer than nothing, like 1h");
        }

        if (!WindowSchedule.TryParse(reader.Text("schedule"), reader.Text("timeZone"), out var schedule, out var problem))
        {
            problems.Add($"{path}.schedule: {problem}");
        }

        IReadOnlyList<ProjectPattern> Patterns(string field) =>
            [.. reader.Items(field).Select(p => ProjectReader.Pattern(p.AsString() ?? p.ToString(), $"{path}.{field}", problems)).OfType<ProjectPattern>()];
        var (applications, namespaces, clusters) = (Patterns("applications"), Patterns("namespaces"), Patterns("clusters"));
        var (all, manual, overrun) = (reader.Flag("andOperator"), reader.Flag("manualSync"), reader.Flag("syncOverrun"));
        reader.Ignore("description");
        reader.RefuseTheRest();
        return schedule is null ? null : new SyncWindow(kind == "deny", schedule, duration)
        {
            Applications = applications,
            Namespaces = namespaces,
            Clusters = clusters,
            NeedsAll = all,
            ManualSync = manual,
            Overrun = overrun,
        };
    }
}
