using System.Globalization;
using System.Text.Encodings.Web;
using Capstan.Api.Activity;
using Capstan.Api.Applications;
using Microsoft.AspNetCore.Html;

namespace Capstan.Server.Pages;

/// <summary>Small pieces of HTML that many pages share. Everything that comes from outside is encoded here.</summary>
public static class Show
{
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(System.Text.Unicode.UnicodeRanges.All);

    /// <summary>A state by shape, text and colour.</summary>
    public static HtmlString State(string? state) => state is { Length: > 0 } ? new($"<span class=\"state s-{Class(state)}\">{Shape(state)}<span>{Encoder.Encode(state)}</span></span>") : HtmlString.Empty;

    /// <summary>A state's shape alone, with its name for those who do not see it.</summary>
    public static HtmlString Dot(string? state) => state is { Length: > 0 } ? new($"<span class=\"state s-{Class(state)}\" role=\"img\" aria-label=\"{Encoder.Encode(state)}\" title=\"{Encoder.Encode(state)}\">{Shape(state)}</span>") : HtmlString.Empty;

    /// <summary>The path of a state's shape within 16 × 16.</summary>
    public static string Shape(string state) => "<svg class=\"shape\" viewBox=\"0 0 16 16\" width=\"14\" height=\"14\" aria-hidden=\"true\"><path d=\"" + PathOf(state) + "\"/></svg>";

    /// <summary>Half a sentence for a time, the exact one on hover.</summary>
    public static HtmlString Time(string? at, DateTimeOffset now)
    {
        if (!DateTimeOffset.TryParse(at, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)) return HtmlString.Empty;
        var exact = time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
        return new HtmlString($"<time datetime=\"{time.ToUniversalTime():yyyy-MM-ddTHH:mm:ssZ}\" title=\"{exact}\">{Ago(now - time)}</time>");
    }

    /// <summary>How long ago, in words.</summary>
    public static string Ago(TimeSpan age) => age.TotalSeconds < 5 ? "just now"
        : age.TotalMinutes < 1 ? $"{(int)age.TotalSeconds} s ago"
        : age.TotalHours < 1 ? $"{(int)age.TotalMinutes} min ago"
        : age.TotalDays < 1 ? $"{(int)age.TotalHours} h ago"
        : $"{(int)age.TotalDays} d ago";

    /// <summary>In how long, for a time to come, the exact one on hover.</summary>
    public static HtmlString Until(string? at, DateTimeOffset now)
    {
        if (!DateTimeOffset.TryParse(at, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)) return HtmlString.Empty;
        var exact = time.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
        var left = time - now;
        var text = left <= TimeSpan.Zero ? "now" : left.TotalMinutes < 1 ? $"in {(int)left.TotalSeconds + 1} s" : left.TotalHours < 1 ? $"in {(int)left.TotalMinutes + 1} min"
            : left.TotalDays < 1 ? $"in {(int)left.TotalHours} h {left.Minutes} min" : $"in {(int)left.TotalDays} d {left.Hours} h";
        return new HtmlString($"<time data-until=\"{time.ToUniversalTime():yyyy-MM-ddTHH:mm:ssZ}\" title=\"{exact}\">{text}</time>");
    }

    /// <summary>A digest, shortened.</summary>
    public static string ShortDigest(string digest) => digest.Length > 20 && digest.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon ? digest[..(colon + 13)] : digest;

    /// <summary>How long something took, or takes until now; empty before it began.</summary>
    public static string Took(string? from, string? until, DateTimeOffset now)
    {
        if (!DateTimeOffset.TryParse(from, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var begun)) return "";
        var end = DateTimeOffset.TryParse(until, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var ended) ? ended : now;
        var span = end > begun ? end - begun : TimeSpan.Zero;
        return span.TotalMinutes < 1 ? $"{(int)span.TotalSeconds} s" : span.TotalHours < 1 ? $"{(int)span.TotalMinutes} min {span.Seconds} s" : $"{(int)span.TotalHours} h {span.Minutes} min";
    }

    /// <summary>What somebody did, in words.</summary>
    public static string Did(ActivityEntry entry)
    {
        var thing = entry.Resource switch { "repositories" => "repository", "instance" => "Capstan", _ => entry.Resource.TrimEnd('s') };
        var done = (entry.Verb, entry.Resource) switch
        {
            ("create", "users") when entry.Name == "session" => "signed in",
            ("create", "users") when entry.Name == "sign-in link" => "made a sign-in link",
            ("update", "repositories") => "pushed to repository",
            ("update", "images") => "pushed image",
            ("sync", _) => "synced or refreshed application",
            ("rollback", _) => "rolled back application",
            ("create", _) => "created " + thing,
            ("delete", _) => "deleted " + thing,
            ("update", _) => "changed " + thing,
            _ => $"{entry.Verb} {thing}",
        };
        return entry.Name is null or "session" or "sign-in link" ? done : $"{done} {entry.Name}";
    }

    /// <summary>A commit, shortened.</summary>
    public static string Short(string? commit) => commit is null ? ""
        : string.Join(',', commit.Split(',').Select(c => c.Length == 40 ? c[..10] : c));

    /// <summary>A size in words.</summary>
    public static string Size(long? bytes) => bytes switch
    {
        null => "",
        < 1024 => $"{bytes} B",
        < 1024 * 1024 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024.0:0.#} KB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0.#} MB"),
    };

    /// <summary>A command with a button that copies it.</summary>
    public static HtmlString Command(string command) =>
        new($"<div class=\"command\"><code>{Encoder.Encode(command)}</code><button type=\"button\" class=\"copy\" data-copy=\"{Encoder.Encode(command)}\" hidden>Copy</button></div>");

    /// <summary>A difference as git prints it, each line by what it is.</summary>
    public static HtmlString Diff(string diff)
    {
        var text = new System.Text.StringBuilder("<pre class=\"diff\" tabindex=\"0\" aria-label=\"Difference\">");
        foreach (var line in diff.TrimEnd('\n').Split('\n'))
        {
            var kind = line.StartsWith("+++", StringComparison.Ordinal) || line.StartsWith("---", StringComparison.Ordinal) || line.StartsWith("diff ", StringComparison.Ordinal) || line.StartsWith("index ", StringComparison.Ordinal) ? "meta"
                : line.StartsWith("@@", StringComparison.Ordinal) ? "hunk"
                : line.StartsWith('+') ? "add"
                : line.StartsWith('-') ? "del" : "";
            text.Append("<span class=\"").Append(kind).Append("\">").Append(Encoder.Encode(line)).Append("</span>\n");
        }
        return new HtmlString(text.Append("</pre>").ToString());
    }

    /// <summary>The fields of an object that differ, one beneath the other.</summary>
    public static HtmlString Fields(PlannedChange change)
    {
        var text = new System.Text.StringBuilder($"<pre class=\"diff\" tabindex=\"0\" aria-label=\"Fields of {Encoder.Encode(change.Object)}\">");
        void Line(string kind, string line) => text.Append("<span class=\"").Append(kind).Append("\">").Append(Encoder.Encode(line)).Append("</span>\n");
        foreach (var field in change.Fields)
        {
            Line("hunk", field.Path + (field.Manager is { } manager ? $"  (live value by {manager})" : ""));
            if (field.Live is { } live) Line("del", "- " + live);
            if (field.Wanted is { } wanted) Line("add", "+ " + wanted);
        }
        return new HtmlString(text.Append("</pre>").ToString());
    }

    /// <summary>The colour of a state, for its icon and badge.</summary>
    public static string Colour(string state) => Class(state) switch
    {
        "Healthy" or "Synced" or "Succeeded" or "Proven" or "Signed" or "good" => "#1A7F37",
        "Progressing" or "Running" => "#0969DA",
        "OutOfSync" or "Missing" or "UntrustedSignature" or "warning" => "#9A6700",
        "Degraded" or "Failed" or "Error" or "TimedOut" or "bad" => "#CF222E",
        "Suspended" => "#8250DF",
        _ => "#59636E",
    };

    /// <summary>The shape of a state: a check, a turning arrow, a cross, bars, a question mark.</summary>
    public static string PathOf(string state) => Class(state) switch
    {
        "Healthy" or "Synced" or "Succeeded" or "Proven" or "Signed" or "good" => "M8 0a8 8 0 1 1 0 16A8 8 0 0 1 8 0Zm3.6 4.7L6.9 9.9 4.4 7.5 3.1 8.8l3.9 3.7 6-6.6Z",
        "Progressing" or "Running" or "Terminating" => "M8 1.5a6.5 6.5 0 1 0 6.5 6.5h-2A4.5 4.5 0 1 1 8 3.5V6l4-3.4L8 0Z",
        "OutOfSync" or "UntrustedSignature" or "warning" => "M8 .5 16 15H0Zm-1 5.3.3 5h1.4l.3-5Zm1 6a1 1 0 1 0 0 2 1 1 0 0 0 0-2Z",
        "Cancelled" or "Skipped" => "M8 0a8 8 0 1 1 0 16A8 8 0 0 1 8 0Zm0 2a6 6 0 0 0-4.800 9.600L11.600 3.200A6 6 0 0 0 8 2Zm4.800 2.400L4.400 12.800A6 6 0 0 0 12.800 4.400Z",
        "Missing" or "Queued" => "M8 0a8 8 0 1 1 0 16A8 8 0 0 1 8 0Zm0 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Z",
        "Degraded" or "Failed" or "Error" or "TimedOut" or "bad" => "M5 0h6l5 5v6l-5 5H5l-5-5V5Zm.2 3.8L3.8 5.2 6.6 8l-2.8 2.8 1.4 1.4L8 9.4l2.8 2.8 1.4-1.4L9.4 8l2.8-2.8-1.4-1.4L8 6.6Z",
        "Suspended" => "M8 0a8 8 0 1 1 0 16A8 8 0 0 1 8 0ZM5 4.5v7h2v-7Zm4 0v7h2v-7Z",
        _ => "M8 0a8 8 0 1 1 0 16A8 8 0 0 1 8 0Zm-.9 9.5h1.7c0-1.6 2.3-1.8 2.3-4 0-1.6-1.3-2.7-3-2.7-1.8 0-3 1.1-3.1 2.8h1.7c.1-.8.6-1.3 1.4-1.3.7 0 1.2.4 1.2 1.1 0 1.4-2.2 1.6-2.2 4.1Zm.9 1.3a1 1 0 1 0 0 2 1 1 0 0 0 0-2Z",
    };

    /// <summary>States have words of letters only; anything else is none that we know.</summary>
    private static string Class(string state) => state.All(char.IsAsciiLetter) ? state : "Unknown";
}
