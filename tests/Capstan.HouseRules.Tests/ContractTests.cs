using System.Text.RegularExpressions;

namespace Capstan.HouseRules.Tests;

/// <summary>What the repository promises about its own files.</summary>
public partial class ContractTests
{
    private const int LongestFile = 500;

    /// <summary>Files that may be longer, each with its reason.</summary>
    private static readonly Dictionary<string, string> MayBeLonger = [];

    [Fact]
    public void Every_path_that_the_architecture_names_exists()
    {
        var text = House.Read("docs/architecture.md");
        var named = PathInText().Matches(text).Select(m => m.Groups[1].Value.TrimEnd('/')).Where(p => !p.Contains('*') && !p.Contains("NAME", StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(named);
        Assert.Empty(named.Where(p => !Path.Exists(Path.Combine(House.Root, p))).Distinct());
    }

    [Fact]
    public async Task No_tracked_file_names_a_package_registry_or_a_folder_of_one_machine()
    {
        // Put together here, so that this file does not name them.
        string[] words = ["registry." + "npmjs", "npmjs." + "org", "api.nuget" + ".org", "proxy.golang" + ".org", "/work" + "/wt", "/work" + "/main", "/work" + "/shared", "/root" + "/."];
        var offending = new List<string>();
        foreach (var file in await House.TrackedFilesAsync())
        {
            if (new FileInfo(Path.Combine(House.Root, file)).Length > 4_000_000) continue;
            var text = House.Read(file);
            offending.AddRange(words.Where(w => text.Contains(w, StringComparison.OrdinalIgnoreCase)).Select(w => $"{file}: {w}"));
        }
        Assert.Empty(offending);
    }

    [Fact]
    public async Task Source_files_stay_short_enough_to_be_one_idea()
    {
        var files = (await House.TrackedFilesAsync()).Where(f => f.StartsWith("src/", StringComparison.Ordinal) && f.EndsWith(".cs", StringComparison.Ordinal))
            .Select(f => (File: f, Lines: File.ReadLines(Path.Combine(House.Root, f)).Count())).OrderByDescending(f => f.Lines).ToArray();
        foreach (var (file, lines) in files.Take(10)) TestContext.Current.TestOutputHelper?.WriteLine($"{lines,5} {file}");
        Assert.Empty(files.Where(f => f.Lines > LongestFile && !MayBeLonger.ContainsKey(f.File)).Select(f => $"{f.File}: {f.Lines} lines"));
    }

    [Fact]
    public async Task Warnings_are_not_switched_off_without_a_sentence()
    {
        var offending = new List<string>();
        foreach (var file in (await House.TrackedFilesAsync()).Where(f => f.StartsWith("src/", StringComparison.Ordinal) && f.EndsWith(".cs", StringComparison.Ordinal)))
        {
            var lines = File.ReadAllLines(Path.Combine(House.Root, file));
            for (var number = 0; number < lines.Length; number++)
            {
                var bare = lines[number].TrimStart();
                var attribute = string.Concat(lines.Skip(number).Take(5));
                if (bare.StartsWith("#pragma warning disable", StringComparison.Ordinal) && !bare.Contains("//", StringComparison.Ordinal)) offending.Add($"{file}:{number + 1}");
                if (bare.Contains("SuppressMessage(", StringComparison.Ordinal) && !attribute.Contains("Justification", StringComparison.Ordinal)) offending.Add($"{file}:{number + 1}");
            }
        }
        Assert.Empty(offending);
    }

    [Fact]
    public void Every_project_has_a_page_about_itself()
    {
        // A project that holds no code yet has nothing to say.
        var without = House.Projects.Where(p => p.Name != "Capstan" && p.HasCode && !File.Exists(Path.Combine(House.Root, Path.GetDirectoryName(p.File)!, "README.md"))).Select(p => p.File);
        Assert.Empty(without);
    }

    [Fact]
    public void Every_package_has_its_reason_in_the_dependencies_page()
    {
        var page = House.Read("docs/dependencies.md");
        var packages = PackageVersion().Matches(House.Read("Directory.Packages.props")).Select(m => m.Groups[1].Value).ToArray();
        Assert.NotEmpty(packages);
        var without = packages.Where(p => !page.Contains($"`{p}`", StringComparison.Ordinal)).ToArray();
        Assert.Empty(without);
    }

    [GeneratedRegex(@"`((?:src|tests|docs|eng|bench)/[A-Za-z0-9._/*-]+)`")]
    private static partial Regex PathInText();

    [GeneratedRegex("<PackageVersion Include=\"([^\"]+)\"")]
    private static partial Regex PackageVersion();
}
