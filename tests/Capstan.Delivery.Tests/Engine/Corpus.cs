namespace Capstan.Delivery.Tests.Engine;

/// <summary>Repositories of real teams.</summary>
internal static class Corpus
{
    /// <summary>A folder of the corpus; the test is skipped where it is not there.</summary>
    public static string Folder(string path)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var beside = Path.Combine(folder.FullName, "shared", "corpus", "gitops-repos", path);
            if (Directory.Exists(beside))
            {
                return beside;
            }
        }

        var named = Path.Combine(Environment.GetEnvironmentVariable("CAPSTAN_CORPUS") ?? "", "gitops-repos", path);
        Assert.SkipUnless(Directory.Exists(named), $"the corpus is not here: gitops-repos/{path}; CAPSTAN_CORPUS names its folder");
        return named;
    }
}
