namespace Capstan.Faults.Tests.Server;

/// <summary>Where the program is that gets killed, and what it is killed with.</summary>
internal static class ServerProgram
{
    private static string Root { get; } = FindRoot();

    private static string Ordinary => Path.Combine(Root, "src/Program/Capstan/bin/Release/net10.0/capstan");

    /// <summary>CAPSTAN_BINARY, else the newer of the published program and the ordinary build; or a skip.</summary>
    public static string Find()
    {
        if (Environment.GetEnvironmentVariable("CAPSTAN_BINARY") is { Length: > 0 } named) return named;
        string[] places = [Path.Combine(Root, "artifacts/native/capstan"), Ordinary];
        var found = places.Where(File.Exists).MaxBy(f => File.GetLastWriteTimeUtc(File.Exists(f + ".dll") ? f + ".dll" : f));
        Assert.SkipWhen(found is null, "the program is not built: dotnet build src/Program/Capstan -c Release");
        return found!;
    }

    /// <summary>The ordinary build, which alone can have seeded bugs; or a skip.</summary>
    public static string FindWithSeededBugs()
    {
        Assert.SkipUnless(File.Exists(Ordinary), "the program is not built: dotnet build src/Program/Capstan -c Release");
        return Ordinary;
    }

    /// <summary>Why processes cannot be traced here; null when they can.</summary>
    public static async Task<string?> WhyNoTracingAsync()
    {
        try
        {
            using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("strace", ["-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync", "true"]) { RedirectStandardError = true })!;
            var error = await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            return process.ExitCode == 0 ? null : $"strace cannot trace here: {error.Trim()}";
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            return $"strace is missing: {error.Message}";
        }
    }

    private static string FindRoot()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "Capstan.slnx"))) return at.FullName;
        }
        throw new InvalidOperationException($"{AppContext.BaseDirectory} is not within a checkout: no folder above holds Capstan.slnx");
    }
}
