namespace Capstan.HouseRules.Tests;

/// <summary>docs/architecture.md's floors: an arrow points to a floor below it there (above it in this list), and within a floor only where written.</summary>
public class ArrowTests
{
    private static readonly string[] Floors = ["Formats", "Engines", "Features", "Program"];

    private static readonly (string From, string To)[] WithinFloors =
    [
        ("Capstan.Resources", "Capstan.Yaml"),
        ("Capstan.Resources", "Capstan.Scalars"),
        ("Capstan.Cel", "Capstan.Scalars"),
        ("Capstan.Sources", "Capstan.OciClient"),
        ("Capstan.Kubernetes", "Capstan.Reconcile"),
        ("Capstan.Server", "Capstan.Api"),
        ("Capstan.Cli", "Capstan.Api"),
        ("Capstan", "Capstan.Server"),
        ("Capstan", "Capstan.Cli"),
    ];

    /// <summary>What a project must never reach, however long the chain.</summary>
    private static readonly (string From, string To, string Why)[] Never =
    [
        ("Capstan.LocalCluster", "Capstan.Kubernetes", "the judge of the client must not share its code"),
        ("Capstan.LocalCluster", "Capstan.Sources", "a cluster knows no Git"),
        ("Capstan.LocalCluster", "Capstan.Helm", "a cluster knows no charts"),
        ("Capstan.LocalCluster", "Capstan.Kustomize", "a cluster knows no kustomizations"),
        ("Capstan.Kustomize", "Capstan.Helm", "Kustomize asks for charts through an interface of its own"),
        ("Capstan.Helm", "Capstan.Kubernetes", "rendering knows no cluster"),
        ("Capstan.Kustomize", "Capstan.Kubernetes", "rendering knows no cluster"),
        ("Capstan.Sources", "Capstan.Kubernetes", "sources know no cluster"),
        ("Capstan.Reconcile", "Capstan.Resources", "a work queue does not know what is reconciled"),
        ("Capstan.Delivery", "Capstan.GitHost", "no arrows between features"),
        ("Capstan.Api", "Capstan.Delivery", "wire types do not know features"),
        ("Capstan.Cli", "Capstan.Server", "commands talk to a server through the API"),
        ("Capstan.Server", "Capstan.Cli", "a server does not know its commands"),
    ];

    /// <summary>Within <c>Capstan.Resources</c>: which of its folders may use which.</summary>
    private static readonly (string Folder, string[] May)[] ResourcesFolders =
    [
        ("Identity", []),
        ("Origins", ["Identity"]),
        ("Schema", ["Identity"]),
        ("Health", ["Identity"]),
    ];

    [Fact]
    public void Every_project_lies_on_a_known_floor_and_in_the_solution()
    {
        var solution = House.Read("Capstan.slnx");
        var lost = House.Projects.Where(p => !Floors.Contains(p.Floor) || !solution.Contains($"\"{p.File}\"", StringComparison.Ordinal)).Select(p => p.File);
        Assert.Empty(lost);

        var tests = Directory.EnumerateFiles(Path.Combine(House.Root, "tests"), "*.csproj", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(House.Root, f)).Where(f => !solution.Contains($"\"{f}\"", StringComparison.Ordinal));
        Assert.Empty(tests);
    }

    [Fact]
    public void Every_library_has_a_test_project()
    {
        var without = House.Projects.Where(p => p.Name != "Capstan" && !Directory.Exists(Path.Combine(House.Root, "tests", p.Name + ".Tests"))).Select(p => p.Name);
        Assert.Empty(without);
    }

    [Fact]
    public void Arrows_point_to_a_floor_above_or_are_written_in_the_table()
    {
        var byName = House.Projects.ToDictionary(p => p.Name);
        var offending =
            from project in House.Projects
            from reference in project.References
            let target = byName.GetValueOrDefault(reference)
            where target is null || (Rank(target) >= Rank(project) && !WithinFloors.Contains((project.Name, reference)))
            select $"{project.Floor}/{project.Name} → {target?.Floor}/{reference}";
        Assert.Empty(offending);
    }

    [Fact]
    public void Nothing_reaches_what_it_must_not_know()
    {
        var offending =
            from rule in Never
            let chain = Chain(rule.From, rule.To)
            where chain is not null
            select $"{string.Join(" → ", chain)}: {rule.Why}";
        Assert.Empty(offending);
    }

    [Fact]
    public void The_folders_of_Resources_keep_their_own_arrows()
    {
        var root = Path.Combine(House.Root, "src/Formats/Capstan.Resources");
        var folders = Directory.EnumerateDirectories(root).Select(d => Path.GetFileName(d)!).ToArray();
        var offending =
            from rule in ResourcesFolders
            where Directory.Exists(Path.Combine(root, rule.Folder))
            from file in Directory.EnumerateFiles(Path.Combine(root, rule.Folder), "*.cs", SearchOption.AllDirectories)
            from line in File.ReadLines(file)
            where line.StartsWith("using Capstan.Resources.", StringComparison.Ordinal)
            let used = line["using Capstan.Resources.".Length..].TrimEnd(';').Split('.')[0]
            where folders.Contains(used) && used != rule.Folder && !rule.May.Contains(used)
            select $"{Path.GetRelativePath(House.Root, file)} → {used}";
        Assert.Empty(offending);
    }

    private static int Rank(Project project) => Array.IndexOf(Floors, project.Floor);

    private static List<string>? Chain(string from, string to)
    {
        var byName = House.Projects.ToDictionary(p => p.Name);
        var waiting = new Queue<List<string>>([[from]]);
        var seen = new HashSet<string> { from };
        while (waiting.TryDequeue(out var chain))
        {
            if (chain[^1] == to) return chain;
            foreach (var next in byName.GetValueOrDefault(chain[^1])?.References ?? [])
            {
                if (seen.Add(next)) waiting.Enqueue([.. chain, next]);
            }
        }
        return null;
    }
}
