using Capstan.Registry.Building.Dockerfiles;

namespace Capstan.Registry.Building.Outside;

/// <summary>The images of other places that a Dockerfile names: behind <c>FROM</c> and <c>COPY --from</c>, without its own stages.</summary>
internal static class BaseNames
{
    /// <summary>Finds them, as they stand once the arguments are put in.</summary>
    /// <param name="instructions">The Dockerfile.</param>
    /// <param name="arguments">What was given for <c>ARG</c>.</param>
    public static IReadOnlyList<string> In(IReadOnlyList<Instruction> instructions, IReadOnlyDictionary<string, string> arguments)
    {
        var (values, stages, names) = (new Dictionary<string, string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "scratch" }, new List<string>());
        foreach (var instruction in instructions)
        {
            string Fill(string text) => Words.Fill(text, name => values.GetValueOrDefault(name), instruction);
            if (instruction.Keyword == "ARG" && stages.Count == 1 && names.Count == 0)
            {
                // Only those before the first FROM count in a FROM.
                var (name, standard) = instruction.Text.Split('=', 2) is [var left, var right] ? (left.Trim(), Fill(right.Trim().Trim('"'))) : (instruction.Text.Trim(), "");
                values[name] = arguments.GetValueOrDefault(name) ?? standard;
            }
            else if (instruction.Keyword == "FROM")
            {
                var words = Fill(instruction.Text).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
                if (words.Length > 0 && !stages.Contains(words[0])) names.Add(words[0]);
                stages.Add(words is [_, _, var stage] ? stage : $"\0{stages.Count}");
            }
            else if (instruction.Keyword == "COPY" && instruction.Flags.FirstOrDefault(f => f.Name == "from").Value is { } from && !stages.Contains(from) && !int.TryParse(from, out _))
            {
                names.Add(from);
            }
        }

        return [.. names.Distinct(StringComparer.Ordinal)];
    }
}
