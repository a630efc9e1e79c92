using System.Text;
using CsCheck;

namespace Capstan.Trees.Tests;

public sealed class RecordingTreeTests
{
    private static readonly Gen<MemoryTree> Trees = Gen.Select(Words.Of("a", "b/c", "b/d", "e/f/g", "h"), Words.Of("1", "2"))
        .Array[0, 6]
        .Select(files => new MemoryTree(files.Select(f => (TreePath.Parse(f.Item1), (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(f.Item2)))));

    private static readonly Gen<(string Path, int Kind)[]> Questions =
        Gen.Select(Words.Of("", "a", "b", "b/c", "b/d", "e", "e/f", "e/f/g", "h", "none"), Gen.Int[0, 2]).Array[0, 8];

    [Fact]
    public void What_was_read_holds_in_the_same_tree() => Gen.Select(Trees, Questions).Sample((tree, questions) =>
    {
        var recording = new RecordingTree(tree);
        Ask(recording, questions);
        Assert.True(recording.Reads.HoldIn(tree));
    });

    [Fact]
    public void When_the_reads_hold_the_answers_are_the_same() => Gen.Select(Trees, Trees, Questions).Sample((tree, other, questions) =>
    {
        var recording = new RecordingTree(tree);
        var answers = Ask(recording, questions);
        if (recording.Reads.HoldIn(other))
        {
            Assert.Equal(answers, Ask(other, questions));
        }
    });

    [Fact]
    public void A_change_elsewhere_leaves_the_reads_holding_and_one_that_was_read_does_not()
    {
        var tree = MemoryTree.Of(("app/a", "1"), ("other/b", "1"));
        var recording = new RecordingTree(tree);
        Ask(recording, [("app", 1), ("app/a", 2), ("app/missing", 0)]);

        Assert.Equal(4, recording.Reads.Count);
        Assert.True(recording.Reads.HoldIn(MemoryTree.Of(("app/a", "1"), ("other/b", "2"))));
        Assert.False(recording.Reads.HoldIn(MemoryTree.Of(("app/a", "2"), ("other/b", "1"))));
        Assert.False(recording.Reads.HoldIn(MemoryTree.Of(("app/a", "1"), ("app/missing", "1"))));
        Assert.False(recording.Reads.HoldIn(MemoryTree.Of(("app/a", "1"), ("app/z", "1"))));
    }

    // What a renderer could learn: what is there, which names a folder has, and what a file holds.
    private static List<string> Ask(SourceTree tree, (string Path, int Kind)[] questions)
    {
        var answers = new List<string>();
        foreach (var (text, kind) in questions)
        {
            var path = TreePath.Parse(text);
            var entry = tree.Find(path);
            answers.Add(kind switch
            {
                1 => string.Join('|', tree.List(path).Select(e => $"{e.Kind} {e.Name}")),
                2 when entry is { Kind: TreeEntryKind.File } => Encoding.UTF8.GetString(tree.Read(entry, 100).Span),
                _ => $"{entry?.Kind}",
            });
        }

        return answers;
    }
}
