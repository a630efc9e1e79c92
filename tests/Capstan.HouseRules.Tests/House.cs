using System.Diagnostics;
using System.Xml.Linq;

namespace Capstan.HouseRules.Tests;

/// <summary>The checkout that is tested: its root, its projects, its tracked files.</summary>
internal static class House
{
    public static string Root { get; } = FindRoot();

    public static IReadOnlyList<Project> Projects { get; } =
    [
        .. Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(Project.Read),
    ];

    public static async Task<IReadOnlyList<string>> TrackedFilesAsync()
    {
        var start = new ProcessStartInfo("git", ["ls-files", "-z"]) { WorkingDirectory = Root, RedirectStandardOutput = true };
        using var git = Process.Start(start)!;
        var text = await git.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await git.WaitForExitAsync(TestContext.Current.CancellationToken);
        return [.. text.Split('\0', StringSplitOptions.RemoveEmptyEntries).Where(f => File.Exists(Path.Combine(Root, f)))];
    }

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static string FindRoot()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Capstan.slnx"))) return at.FullName;
        }
        throw new InvalidOperationException($"{AppContext.BaseDirectory} is not within a checkout: no folder above holds Capstan.slnx");
    }
}

/// <summary>One project of <c>src</c>, with the projects that its file names.</summary>
internal sealed record Project(string Name, string Floor, string File, IReadOnlyList<string> References)
{
    public bool HasCode => Directory.EnumerateFiles(Path.GetDirectoryName(Path.Combine(House.Root, File))!, "*.cs", SearchOption.AllDirectories)
        .Any(f => !f.Contains("/obj/", StringComparison.Ordinal) && !f.Contains("/bin/", StringComparison.Ordinal));

    public static Project Read(string file)
    {
        var references = XDocument.Load(file).Descendants("ProjectReference")
            .Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value.Replace('\\', '/')));
        return new Project(Path.GetFileNameWithoutExtension(file), Path.GetFileName(Path.GetDirectoryName(Path.GetDirectoryName(file)!)!)!,
            Path.GetRelativePath(House.Root, file), [.. references]);
    }
}
