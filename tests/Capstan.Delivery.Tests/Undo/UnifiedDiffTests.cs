using System.Diagnostics;
using System.Text;
using Capstan.Delivery.Undo;
using CsCheck;

namespace Capstan.Delivery.Tests.Undo;

public sealed class UnifiedDiffTests
{
    private static string Diff(string? before, string? after) =>
        UnifiedDiff.Of("f", before is null ? null : Encoding.UTF8.GetBytes(before), after is null ? null : Encoding.UTF8.GetBytes(after));

    [Theory]
    [InlineData("a\nb\nc\n", "a\nB\nc\n", "--- a/f\n+++ b/f\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n")]
    [InlineData(null, "a\n", "--- /dev/null\n+++ b/f\n@@ -0,0 +1 @@\n+a\n")]
    [InlineData("a\n", null, "--- a/f\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n")]
    [InlineData("a", "a\n", "--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n")]
    [InlineData("a\n", "a\n", "")]
    [InlineData("a\0", "a\n", "Binary files a/f and b/f differ\n")]
    public void Reads_as_git_writes_it(string? before, string? after, string expected) => Assert.Equal(expected, Diff(before, after));

    [Fact]
    public void Patch_brings_one_text_to_the_other()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/git"), "git is not installed");
        var lines = Gen.Select(Gen.Int[0, 4].Array[0, 40], Gen.Bool);
        Gen.Select(lines, lines).Where((a, b) => Text(a) != Text(b)).Sample((a, b) => Assert.Equal(Text(b), Patched(Text(a), Diff(Text(a), Text(b)))), iter: 30, threads: 1);
    }

    private static string Text((int[] Lines, bool Ends) text) => text.Lines.Length == 0 ? "" : string.Join('\n', text.Lines) + (text.Ends ? "\n" : "");

    private static string Patched(string before, string diff)
    {
        var folder = Directory.CreateTempSubdirectory("capstan-diff-").FullName;
        File.WriteAllText(Path.Combine(folder, "f"), before);
        File.WriteAllText(Path.Combine(folder, "p"), diff);
        using var process = Process.Start(new ProcessStartInfo("git", ["apply", "--unidiff-zero", "--whitespace=nowarn", "p"]) { WorkingDirectory = folder, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, error + diff);
        var after = File.ReadAllText(Path.Combine(folder, "f"));
        Directory.Delete(folder, recursive: true);
        return after;
    }
}
