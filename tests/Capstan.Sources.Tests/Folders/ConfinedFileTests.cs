using Capstan.Sources.Folders;

namespace Capstan.Sources.Tests.Folders;

public sealed class ConfinedFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("capstan-confined-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_link_that_took_a_files_place_is_not_followed_out_of_the_folder()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "context/deep"));
        File.WriteAllText(Path.Combine(_folder, "secret"), "secret");
        File.WriteAllText(Path.Combine(_folder, "context/deep/a"), "a");
        var files = new ConfinedFile(Path.Combine(_folder, "context"), p => new InvalidDataException($"{p}: leads out"));
        Assert.Equal("a", files.ReadText(Path.Combine(_folder, "context/deep/a")));
        File.Delete(Path.Combine(_folder, "context/deep/a"));
        File.CreateSymbolicLink(Path.Combine(_folder, "context/deep/a"), Path.Combine(_folder, "secret"));
        var wrong = Assert.Throws<InvalidDataException>(() => files.ReadText(Path.Combine(_folder, "context/deep/a")));
        Assert.Equal("deep/a: leads out", wrong.Message);
        Directory.Delete(Path.Combine(_folder, "context/deep"), recursive: true);
        Directory.CreateSymbolicLink(Path.Combine(_folder, "context/deep"), _folder);
        Assert.Throws<InvalidDataException>(() => files.ReadText(Path.Combine(_folder, "context/deep/secret")));
    }
}
