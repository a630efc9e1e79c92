using System.Text.RegularExpressions;
using Capstan.Server.Documentation;

namespace Capstan.Server.Tests;

/// <summary>The documentation that the program serves: every link leads somewhere, every command is one that there is, no text becomes HTML.</summary>
public sealed partial class DocumentationTests
{
    [Fact]
    public void Every_link_leads_to_a_page_that_is_there()
    {
        var broken = from page in Manual.Pages
                     from Match link in Link().Matches(page.Text)
                     where link.Groups[1].Value.Contains(".md", StringComparison.Ordinal) && Manual.LinkOf(page, link.Groups[1].Value).Length == 0
                     select $"{page.Path}: {link.Value}";
        Assert.Empty(broken);
    }

    [Fact]
    public void Every_command_of_the_tutorial_and_the_how_tos_is_one_that_there_is()
    {
        var known = File.ReadLines(Path.Combine(ServerFixture.Root, "docs", "reference", "commands.txt")).Where(l => l.StartsWith("capstan ", StringComparison.Ordinal)).Select(l => l.Split(' ')).ToArray();
        var missing = from page in Manual.Pages.Where(p => p.Path is "tutorial" || p.Path.StartsWith("howto/", StringComparison.Ordinal))
                      from Match command in Command().Matches(page.Text)
                      let words = command.Value.Split(' ')
                      where !known.Any(k => k[1] == words[1])
                      select $"{page.Path}: {command.Value}";
        Assert.Empty(missing);
        Assert.NotEmpty(Manual.Find("tutorial")!.Text);
    }

    [Fact]
    public void Every_kind_of_problem_has_its_section()
    {
        var html = Manual.Html(Manual.Find("reference/problems")!);
        var kinds = Directory.EnumerateFiles(Path.Combine(ServerFixture.Root, "src", "Program", "Capstan.Server"), "*.cs", SearchOption.AllDirectories).Where(f => !f.Contains("/obj/", StringComparison.Ordinal))
            .SelectMany(f => Kind().Matches(File.ReadAllText(f)).Select(m => m.Groups[1].Value)).Distinct().Order(StringComparer.Ordinal).ToArray();
        Assert.Contains("not-found", kinds);
        Assert.All(kinds, k => Assert.Contains($"id=\"{k}\"", html, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>")]
    [InlineData("[x](javascript:alert)", "<p>x</p>")]
    [InlineData("**a `b*` c** and *d*", "<p><strong>a <code>b*</code> c</strong> and <em>d</em></p>")]
    [InlineData("| a | b |\n| --- | --- |\n| `x|y` | z |", "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Table\"><table class=\"list\"><thead><tr><th scope=\"col\">a</th><th scope=\"col\">b</th></tr></thead><tbody><tr><td><code>x|y</code></td><td>z</td></tr></tbody></table></div>")]
    [InlineData("1. one\n  more\n2. two", "<ol><li>one\nmore</li><li>two</li></ol>")]
    [InlineData("    a < b\n\n    c", "<pre class=\"code\" tabindex=\"0\" aria-label=\"Code\">a &lt; b\n\nc</pre>")]
    public void Markdown_becomes_HTML_and_text_stays_text(string text, string html)
    {
        var page = new ManualPage("x", "x", text);
        Assert.Equal(html, Manual.Html(page).TrimEnd('\n'));
    }

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"capstan [a-z]+")]
    private static partial Regex Command();

    [GeneratedRegex("(?:RequestProblem|ProblemAsync)\\((?:http, )?[45][0-9][0-9], \"([a-z-]+)\"")]
    private static partial Regex Kind();
}
