using System.Globalization;
using Capstan.Registry.Building.Dockerfiles;

namespace Capstan.Registry.Building.Outside;

/// <summary>An image of another place that a Dockerfile names behind <c>FROM</c> or <c>COPY --from</c>.</summary>
/// <param name="Line">The line of its instruction, from 0.</param>
/// <param name="Written">As it is written there.</param>
/// <param name="Name">The name, once the arguments are put in.</param>
internal sealed record BaseName(int Line, string Written, string Name)
{
    /// <summary>Finds them; stages of the Dockerfile itself are none.</summary>
    /// <param name="instructions">The Dockerfile.</param>
    /// <param name="arguments">What was given for <c>ARG</c>.</param>
    public static IReadOnlyList<BaseName> In(IReadOnlyList<Instruction> instructions, IReadOnlyDictionary<string, string> arguments)
    {
        var (values, stages, names) = (new Dictionary<string, string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "scratch" }, new List<BaseName>());
        var begun = false;
        foreach (var instruction in instructions)
        {
            string Fill(string text) => Words.Fill(text, name => values.GetValueOrDefault(name), instruction);
            var line = int.Parse(instruction.Place.AsSpan(instruction.Place.LastIndexOf(':') + 1), NumberStyles.None, CultureInfo.InvariantCulture) - 1;
            if (instruction.Keyword == "ARG" && !begun)
            {
                // Only those before the first FROM count in a FROM.
                var (name, standard) = instruction.Text.Split('=', 2) is [var left, var right] ? (left.Trim(), Fill(right.Trim().Trim('"'))) : (instruction.Text.Trim(), "");
                values[name] = arguments.GetValueOrDefault(name) ?? standard;
            }
            else if (instruction.Keyword == "FROM")
            {
                begun = true;
                var words = instruction.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
                if (words.Length > 0 && Fill(words[0]) is var image && !stages.Contains(image)) names.Add(new BaseName(line, words[0], image));
                if (words is [_, _, var stage]) stages.Add(stage);
            }
            else if (instruction.Keyword == "COPY" && instruction.Flags.FirstOrDefault(f => f.Name == "from").Value is { } from && !stages.Contains(from) && !int.TryParse(from, out _))
            {
                names.Add(new BaseName(line, from, from));
            }
        }

        return names;
    }
}
