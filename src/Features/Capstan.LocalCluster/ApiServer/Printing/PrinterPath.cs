using System.Globalization;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Printing;

/// <summary>The JSONPath of printer columns, step by step. What is not understood finds nothing.</summary>
internal static class PrinterPath
{
    private const int MostSteps = 64;

    public static IEnumerable<Step> Steps(string path)
    {
        var at = 0;
        for (var count = 0; at < path.Length && count < MostSteps; count++)
        {
            if (path[at] == '[')
            {
                var end = path.IndexOf(']', at);
                if (end < 0)
                {
                    yield break;
                }

                yield return new Step(path[(at + 1)..end], true);
                at = end + 1;
                continue;
            }

            at += path[at] == '.' ? 1 : 0;
            var key = new System.Text.StringBuilder();
            while (at < path.Length && path[at] is not ('.' or '['))
            {
                // A dot that belongs to a key (an annotation's name) is written with a backslash.
                at += path[at] == '\\' && at + 1 < path.Length ? 1 : 0;
                key.Append(path[at++]);
            }

            if (key.Length > 0)
            {
                yield return new Step(key.ToString(), false);
            }
        }
    }

    /// <summary>One step.</summary>
    /// <param name="Text">The key, or what stands in brackets.</param>
    /// <param name="Bracketed">Whether it stood in brackets.</param>
    internal readonly record struct Step(string Text, bool Bracketed)
    {
        public YamlNode? Of(YamlNode? node)
        {
            if (!Bracketed)
            {
                return (node as YamlMap)?[Text];
            }

            if (Text is ['\'' or '"', .. var quoted])
            {
                return (node as YamlMap)?[quoted[..^1]];
            }

            if (node is not YamlList list)
            {
                return null;
            }

            if (Text.StartsWith("?(@.", StringComparison.Ordinal))
            {
                return Filtered(list);
            }

            return Text == "*" ? (list.Count > 0 ? list[0] : null)
                : int.TryParse(Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index) && (index < 0 ? index += list.Count : index) >= 0 && index < list.Count
                    ? list[index] : null;
        }

        private YamlMap? Filtered(YamlList list)
        {
            var parts = Text[4..].TrimEnd(')').Split("==", 2, StringSplitOptions.TrimEntries);
            if (parts.Length < 2)
            {
                return null;
            }

            var wanted = parts[1].Trim('"', '\'');
            return list.OfType<YamlMap>().FirstOrDefault(m => m.Text(parts[0].Split('.')) == wanted);
        }
    }
}
