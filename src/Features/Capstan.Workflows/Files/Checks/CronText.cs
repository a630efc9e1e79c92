using System.Globalization;

namespace Capstan.Workflows.Files.Checks;

/// <summary>The five fields of a schedule, by GitHub's rules.</summary>
internal static class CronText
{
    private static readonly string[] Months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    private static readonly string[] Days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
    private static readonly (int Least, int Most, string[] Names)[] Fields = [(0, 59, []), (0, 23, []), (1, 31, []), (1, 12, Months), (0, 6, Days)];

    /// <summary>Whether the text is a time table.</summary>
    public static bool IsValid(string text)
    {
        var parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return parts.Length == Fields.Length && text.Length == text.Trim().Length && parts.Zip(Fields).All(p => IsField(p.First, p.Second));
    }

    /// <summary>Whether it is due more often than every five minutes, which is more than is done.</summary>
    public static bool IsTooOften(string text)
    {
        var minutes = text.Split(' ')[0];
        if (minutes == "*") return true;
        if (minutes.Split('/') is [_, var step] && int.TryParse(step, out var every)) return every < 5;
        var listed = minutes.Split(',').Select(m => int.TryParse(m, out var n) ? n : -1).Where(n => n >= 0).Order().ToList();
        return listed.Zip(listed.Skip(1)).Any(p => p.Second - p.First < 5);
    }

    private static bool IsField(string text, (int Least, int Most, string[] Names) field) => text.Split(',').All(part => IsStep(part, field));

    private static bool IsStep(string text, (int Least, int Most, string[] Names) field) => text.Split('/') switch
    {
        [var only] => IsRange(only, field),
        [var range, var step] => IsRange(range, field) && int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var every) && every > 0 && every >= field.Least && every <= field.Most,
        _ => false,
    };

    private static bool IsRange(string text, (int Least, int Most, string[] Names) field) => text.Split('-') switch
    {
        ["*"] => true,
        [var only] => Number(only, field) is not null,
        [var from, var to] => Number(from, field) is { } least && Number(to, field) is { } most && least <= most,
        _ => false,
    };

    private static int? Number(string text, (int Least, int Most, string[] Names) field)
    {
        var named = Array.FindIndex(field.Names, n => n.Equals(text, StringComparison.OrdinalIgnoreCase));
        if (named >= 0) return named + (field.Least == 1 ? 1 : 0);
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= field.Least && number <= field.Most ? number : null;
    }
}
