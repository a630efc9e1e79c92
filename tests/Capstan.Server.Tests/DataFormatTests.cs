using Capstan.Server.Hosting;

namespace Capstan.Server.Tests;

/// <summary>Which data folders a server opens, and how it brings an earlier one to its own format.</summary>
public sealed class DataFormatTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("capstan-format-").FullName;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Format => File.ReadAllText(Path.Combine(_data, "format")).Trim();

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task A_folder_from_before_the_file_is_of_the_first_format()
    {
        await DataFormat.OpenAsync(_data, Stop);
        Assert.Equal("1", Format);
    }

    [Fact]
    public async Task A_folder_of_a_later_version_is_refused_and_left_as_it_is()
    {
        File.WriteAllText(Path.Combine(_data, "format"), "7\n");
        var error = await Assert.ThrowsAsync<ServerStartException>(() => DataFormat.OpenAsync(_data, Stop));
        Assert.Contains("later version of Capstan (format 7; this one knows 1)", error.Message, StringComparison.Ordinal);
        Assert.Equal("7", Format);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("one")]
    public async Task What_is_no_format_is_refused(string text)
    {
        File.WriteAllText(Path.Combine(_data, "format"), text);
        await Assert.ThrowsAsync<ServerStartException>(() => DataFormat.OpenAsync(_data, Stop));
    }

    /// <summary>Ended within each step in turn, as by a kill: the next start runs that step from its beginning, and none before it.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task A_migration_that_was_cut_off_goes_on_with_the_step_it_was_in(int cutOff)
    {
        File.WriteAllText(Path.Combine(_data, "format"), "1\n");
        var ran = new List<int>();
        DataMigration[] Steps(int? dies) =>
        [
            .. Enumerable.Range(2, 3).Select(to => new DataMigration(to, (folder, _) =>
            {
                ran.Add(to);
                File.WriteAllText(Path.Combine(folder, $"step-{to}"), "half");
                if (to == dies) throw new IOException("killed");
                File.WriteAllText(Path.Combine(folder, $"step-{to}"), "whole");
                return Task.CompletedTask;
            })),
        ];

        await Assert.ThrowsAsync<IOException>(() => DataFormat.OpenAsync(_data, 4, Steps(cutOff), Stop));
        Assert.Equal($"{cutOff - 1}", Format);
        await DataFormat.OpenAsync(_data, 4, Steps(null), Stop);

        Assert.Equal("4", Format);
        Assert.Equal([.. Enumerable.Range(2, cutOff - 1), .. Enumerable.Range(cutOff, 5 - cutOff)], ran);
        Assert.All(Enumerable.Range(2, 3), to => Assert.Equal("whole", File.ReadAllText(Path.Combine(_data, $"step-{to}"))));
    }
}
