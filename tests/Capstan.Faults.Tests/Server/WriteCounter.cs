using System.Diagnostics;

namespace Capstan.Faults.Tests.Server;

/// <summary>A library that is loaded before the C library and kills the server at its Nth write of all threads together.</summary>
internal static class WriteCounter
{
    public const string Variable = "CAPSTAN_KILL_AT_WRITE";

    /// <summary>Builds the library in a folder.</summary>
    /// <returns>Its path; or null and why it cannot be built.</returns>
    public static async Task<(string? Library, string Why)> BuildAsync(string folder)
    {
        var library = Path.Combine(folder, "kill-at-write.so");
        var source = Path.Combine(AppContext.BaseDirectory, "kill-at-write.c");
        foreach (var compiler in (string[])["cc", "gcc", "clang"])
        {
            try
            {
                using var process = Process.Start(new ProcessStartInfo(compiler, ["-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"]) { RedirectStandardError = true })!;
                var error = await process.StandardError.ReadToEndAsync();
                await process.WaitForExitAsync();
                return process.ExitCode == 0 ? (library, "") : (null, $"{compiler} cannot build what counts writes: {error.Trim()}");
            }
            catch (System.ComponentModel.Win32Exception)
            {
                // Not this one; the next may be there.
            }
        }
        return (null, "no C compiler here, which what counts writes is built with");
    }
}
