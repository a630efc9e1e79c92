using System.Text;
using Capstan.Sources.Folders;
using Capstan.Trees;

namespace Capstan.Sources.Tests.Folders;

public sealed class FolderTreeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("capstan-folder-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Write(string path, string text)
    {
        var full = Path.Combine(_folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
        return full;
    }

    private static string Text(SourceTree tree, string path) => Encoding.UTF8.GetString(tree.Read(tree.Find(TreePath.Parse(path))!, 1000).Span);

    [Fact]
    public void It_shows_the_same_as_a_tree_in_memory()
    {
        Write("root/b/two.yaml", "2");
        Write("root/a.yaml", "1");
        Write("root/.git/config", "secret");
        var tree = new FolderTree(Path.Combine(_folder, "root"));
        var memory = MemoryTree.Of(("a.yaml", "1"), ("b/two.yaml", "2"));
        Assert.Equal(memory.List(TreePath.Root).Select(entry => (entry.Name, entry.Kind)), tree.List(TreePath.Root).Select(entry => (entry.Name, entry.Kind)));
        Assert.Equal(memory.Find(TreePath.Parse("b/two.yaml")), tree.Find(TreePath.Parse("b/two.yaml")));
        Assert.Equal("2", Text(tree, "b/two.yaml"));
        Assert.Null(tree.Find(TreePath.Parse(".git/config")));
        Assert.Throws<TreeLimitException>(() => tree.Read(tree.Find(TreePath.Parse("a.yaml"))!, 0));
    }

    [Theory]
    [InlineData("../outside.txt")]
    [InlineData("/proc/self/environ")]
    [InlineData("link2")]
    public void A_link_out_of_the_folder_is_refused_by_its_name(string target)
    {
        Write("outside.txt", "secret");
        Write("root/a.yaml", "1");
        File.CreateSymbolicLink(Path.Combine(_folder, "root/link2"), "../outside.txt");
        File.CreateSymbolicLink(Path.Combine(_folder, "root/link"), target);
        Directory.CreateSymbolicLink(Path.Combine(_folder, "root/parent"), "..");
        var tree = new FolderTree(Path.Combine(_folder, "root"));
        Assert.Equal(TreeEntryKind.SymbolicLink, tree.Find(TreePath.Parse("link"))!.Kind);
        var refused = Assert.Throws<TreeLinkException>(() => TreeLinks.Follow(tree, TreePath.Parse("link")));
        Assert.DoesNotContain("outside", refused.Message, StringComparison.Ordinal);
        Assert.Null(tree.Find(TreePath.Parse("parent/outside.txt")));
        Assert.Throws<TreeLinkException>(() => TreeLinks.Follow(tree, TreePath.Parse("parent/outside.txt")));
    }

    [Fact]
    public void A_pipe_and_a_socket_are_not_part_of_it_and_are_not_waited_for()
    {
        Write("root/a.yaml", "1");
        using var made = System.Diagnostics.Process.Start("mkfifo", [Path.Combine(_folder, "root/pipe")]);
        made.WaitForExit();
        using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
        socket.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(Path.Combine(_folder, "root/socket")));
        var tree = new FolderTree(Path.Combine(_folder, "root"));
        Assert.Null(tree.Find(TreePath.Parse("pipe")));
        Assert.Null(tree.Find(TreePath.Parse("socket")));
        Assert.Equal(["a.yaml"], tree.List(TreePath.Root).Select(entry => entry.Name));
    }

    [Fact]
    public void The_folder_itself_may_be_reached_through_a_link()
    {
        Write("root/a.yaml", "1");
        Directory.CreateSymbolicLink(Path.Combine(_folder, "alias"), "root");
        Assert.Equal("1", Text(new FolderTree(Path.Combine(_folder, "alias")), "a.yaml"));
        Assert.Throws<SourceException>(() => new FolderTree(Path.Combine(_folder, "missing")));
    }

    [Fact]
    public async Task Ten_thousand_swaps_of_a_file_for_a_link_never_lead_out()
    {
        Write("outside/a.yaml", "secret");
        Write("root/dir/a.yaml", "public");
        var (dir, aside) = (Path.Combine(_folder, "root/dir"), Path.Combine(_folder, "aside"));
        using var done = new CancellationTokenSource();
        var swapper = Task.Run(() =>
        {
            while (!done.IsCancellationRequested)
            {
                Directory.Move(dir, aside);
                Directory.CreateSymbolicLink(dir, Path.Combine(_folder, "outside"));
                File.Delete(dir);
                Directory.Move(aside, dir);
            }
        }, Cancellation);
        var read = 0;
        for (var i = 0; i < 10_000 || (read == 0 && i < 1_000_000); i++)
        {
            try
            {
                var tree = new FolderTree(Path.Combine(_folder, "root"));
                if (TreeLinks.Follow(tree, TreePath.Parse("dir/a.yaml")) is { } entry)
                {
                    Assert.Equal("public", Encoding.UTF8.GetString(tree.Read(entry, 100).Span));
                    read++;
                }
            }
            catch (IOException)
            {
                // It was swapped away just then: refused, as it should be.
                continue;
            }
        }

        await done.CancelAsync();
        await swapper;
        Assert.True(read > 0);
    }
}
