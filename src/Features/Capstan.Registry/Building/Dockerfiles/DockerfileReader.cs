using System.Text;

namespace Capstan.Registry.Building.Dockerfiles;

/// <summary>Reads a Dockerfile into instructions: directives, comments, lines that go on.</summary>
internal static class DockerfileReader
{
    private const int LargestFile = 1 << 20;
    private const int MostInstructions = 2000;

    /// <exception cref="BuildException">It cannot be read.</exception>
    public static IReadOnlyList<Instruction> Read(string text, string file)
    {
        if (text.Length > LargestFile) throw new BuildException($"{file}: has more than {LargestFile:N0} characters");
        var lines = text.TrimStart('\uFEFF').ReplaceLineEndings("\n").Split('\n');
        var escape = EscapeOf(lines, file);
        var instructions = new List<Instruction>();
        for (var at = 0; at < lines.Length; at++)
        {
            if (IsBlank(lines[at])) continue;
            var start = at;
            var joined = Join(lines, ref at, escape);
            if (joined.Length > 0) instructions.Add(Parse(joined, $"{file}:{start + 1}"));
            if (instructions.Count > MostInstructions) throw new BuildException($"{file}: has more than {MostInstructions} instructions");
        }

        return instructions.Count > 0 ? instructions : throw new BuildException($"{file}: has no instructions; it begins with FROM");
    }

    // "# escape=`" counts only before everything else.
    private static char EscapeOf(string[] lines, string file)
    {
        foreach (var line in lines)
        {
            var comment = line.Trim();
            if (!comment.StartsWith('#') || comment[1..].Split('=', 2) is not [var name, var value]) break;
            if (!name.Trim().Equals("escape", StringComparison.OrdinalIgnoreCase)) continue;
            return value.Trim() is "\\" or "`" ? value.Trim()[0] : throw new BuildException($"{file}: the escape is \\ or `, not {value.Trim()}");
        }

        return '\\';
    }

    private static bool IsBlank(string line) => line.Trim() is "" || line.TrimStart().StartsWith('#');

    private static string Join(string[] lines, ref int at, char escape)
    {
        var whole = new StringBuilder();
        while (true)
        {
            var line = lines[at].TrimEnd();
            var goesOn = line.EndsWith(escape);
            whole.Append(goesOn ? line[..^1] : line);
            if (!goesOn) return whole.ToString().Trim();
            // Comments and blank lines within an instruction are left out.
            do at++;
            while (at < lines.Length && IsBlank(lines[at]));
            if (at >= lines.Length) return whole.ToString().Trim();
        }
    }

    private static Instruction Parse(string line, string place)
    {
        var space = line.IndexOfAny([' ', '\t']);
        var keyword = (space < 0 ? line : line[..space]).ToUpperInvariant();
        var rest = space < 0 ? "" : line[space..].TrimStart();
        var flags = new List<(string, string)>();
        while (rest.StartsWith("--", StringComparison.Ordinal) && keyword is "FROM" or "COPY" or "ADD" or "HEALTHCHECK" or "RUN")
        {
            if (!rest.StartsWith("--", StringComparison.Ordinal)) break;
            var end = rest.IndexOfAny([' ', '\t']);
            var flag = (end < 0 ? rest : rest[..end])[2..].Split('=', 2);
            flags.Add((flag[0], flag.Length == 2 ? flag[1] : "true"));
            rest = end < 0 ? "" : rest[end..].TrimStart();
        }

        return new Instruction(keyword, flags, rest, place);
    }
}
