using System.Text;
using Capstan.GoTemplates;
using Capstan.Helm.Functions;

namespace Capstan.Helm.Rendering;

/// <summary>Rewrites the template language's errors as Helm shows them.</summary>
internal static class ErrorText
{
    private sealed record Trace(string Location, string Message, string Function);

    /// <summary>An error of parsing.</summary>
    public static string OfParsing(string file, string message)
    {
        var tokens = message.Split(": ");
        return tokens.Length == 1 ? $"parse error in ({file}): {message}" : $"parse error at ({tokens[1]}): {tokens[^1]}";
    }

    /// <summary>An error of execution.</summary>
    public static string OfExecution(string file, Exception error)
    {
        var tokens = error.Message.Split(": ", 3);
        if (tokens.Length != 3)
        {
            return $"execution error in ({file}): {error.Message}";
        }

        var start = tokens[2].IndexOf(ChartFunctions.WarnStart, StringComparison.Ordinal);
        var end = tokens[2].LastIndexOf(ChartFunctions.WarnEnd, StringComparison.Ordinal);
        if (start >= 0 && end >= start + ChartFunctions.WarnStart.Length)
        {
            return $"execution error at ({tokens[1]}): {tokens[2][(start + ChartFunctions.WarnStart.Length)..end]}";
        }

        return Traced(error) ?? error.Message;
    }

    // The chain of errors as an indented trace; null when a link of it is no error of the template language.
    private static string? Traced(Exception error)
    {
        var traces = new List<Trace>();
        for (var current = error; current is GoException; current = current.InnerException)
        {
            if (Parse(current.Message) is not { } trace)
            {
                return null;
            }

            if (traces.Count == 0 || traces[^1] != trace)
            {
                traces.Add(trace);
            }
        }

        var output = new StringBuilder();
        foreach (var trace in traces)
        {
            output.Append(trace.Location.Length > 0 ? trace.Location + "\n  " : "");
            output.Append(trace.Function.Length > 0 ? trace.Function + "\n    " : "");
            output.Append(trace.Message.Length > 0 ? trace.Message + "\n" : "");
        }

        return output.ToString().Trim();
    }

    private static Trace? Parse(string message)
    {
        const string Prefix = "template: ";
        if (!message.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return null;
        }

        var rest = message[Prefix.Length..];
        if (rest.StartsWith("no template ", StringComparison.Ordinal))
        {
            return new Trace("", message, "");
        }

        return Executing(rest) ?? Simple(rest);
    }

    private static Trace? Executing(string rest)
    {
        const string Marker = ": executing ";
        var at = rest.IndexOf(Marker, StringComparison.Ordinal);
        if (at < 0 || at + Marker.Length >= rest.Length || rest[at + Marker.Length] != '"')
        {
            return null;
        }

        var after = rest[(at + Marker.Length)..];
        var quote = after.IndexOf('"', 1);
        if (quote < 0 || !after.AsSpan(quote + 1).StartsWith(" at <"))
        {
            return null;
        }

        var place = after[(quote + 1 + " at <".Length)..];
        var end = place.IndexOf(">: ", StringComparison.Ordinal);
        return end < 0
            ? null
            : new Trace(rest[..at], Cut(place[(end + 3)..]), $"executing \"{after[1..quote]}\" at <{place[..end]}>:");
    }

    private static Trace? Simple(string rest)
    {
        var at = rest.LastIndexOf(": ", StringComparison.Ordinal);
        return at < 0 ? null : new Trace(rest[..at], Cut(rest[(at + 2)..]), "");
    }

    private static string Cut(string message)
    {
        var next = message.IndexOf(" template:", StringComparison.Ordinal);
        return next < 0 ? message : message[..next];
    }
}
