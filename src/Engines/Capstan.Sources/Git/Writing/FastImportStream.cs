using System.Globalization;
using System.Text;

namespace Capstan.Sources.Git.Writing;

/// <summary>Writes one commit in the language of <c>git fast-import</c>.</summary>
internal static class FastImportStream
{
    public static ReadOnlyMemory<byte> Of(string reference, string? parent, CommitDraft draft, DateTimeOffset now, IReadOnlyList<TreeChange> changes)
    {
        var stream = new MemoryStream();
        Line(stream, $"commit {reference}");
        var who = string.Create(CultureInfo.InvariantCulture, $"{Plain(draft.Author.Name)} <{Plain(draft.Author.Email)}> {now.ToUnixTimeSeconds()} +0000");
        Line(stream, $"author {who}");
        Line(stream, $"committer {who}");
        Data(stream, Encoding.UTF8.GetBytes(draft.FullMessage()));
        if (parent is not null)
        {
            Line(stream, $"from {parent}");
        }

        foreach (var change in changes)
        {
            Write(stream, change);
        }

        Line(stream, "");
        Line(stream, "done");
        return stream.GetBuffer().AsMemory(0, (int)stream.Length);
    }

    private static void Write(MemoryStream stream, TreeChange change)
    {
        switch (change)
        {
            case TreeChange.PutFile put:
                Line(stream, $"M {(put.Executable ? "100755" : "100644")} inline {Quoted(put.Path.Text)}");
                Data(stream, put.Content.Span);
                break;
            case TreeChange.PutObject put:
                Line(stream, $"M {put.Mode} {put.Id} {Quoted(put.Path.Text)}");
                break;
            default:
                Line(stream, change.Path.IsRoot ? "deleteall" : $"D {Quoted(change.Path.Text)}");
                break;
        }
    }

    private static void Data(MemoryStream stream, ReadOnlySpan<byte> data)
    {
        Line(stream, string.Create(CultureInfo.InvariantCulture, $"data {data.Length}"));
        stream.Write(data);
        stream.WriteByte((byte)'\n');
    }

    private static void Line(MemoryStream stream, string text)
    {
        stream.Write(Encoding.UTF8.GetBytes(text));
        stream.WriteByte((byte)'\n');
    }

    private static string Quoted(string path) =>
        "\"" + path.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal) + "\"";

    private static string Plain(string text) => string.Concat(text.Where(c => !char.IsControl(c) && c is not ('<' or '>'))).Trim();
}
