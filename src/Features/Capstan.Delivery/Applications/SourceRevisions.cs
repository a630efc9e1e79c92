namespace Capstan.Delivery.Applications;

/// <summary>
/// The revisions of an Application's sources as one text: one revision for one source, else one a source, in their order, separated by commas.
/// Neither commit ids nor versions of charts hold a comma.
/// </summary>
public static class SourceRevisions
{
    private const char Separator = ',';

    /// <summary>The text of these revisions.</summary>
    public static string Join(IEnumerable<string> revisions) => string.Join(Separator, revisions);

    /// <summary>The revisions of a text.</summary>
    public static string[] Split(string text) => text.Split(Separator);

    /// <summary>Whether one of the revisions of a text is this commit; the first digits of it are enough.</summary>
    public static bool Contains(string text, string commit) => Split(text).Any(r => r.StartsWith(commit, StringComparison.Ordinal));
}
