using Capstan.Testing;

namespace Capstan.GoTemplates.Tests;

/// <summary>No template makes the lexer, the parser or the execution fail in another way than they say.</summary>
public sealed class FuzzTests
{
    private static readonly TemplateLimits Limits = TemplateLimits.Default;

    [Fact]
    public void Templates_withstand_any_input() => Fuzz.Run(
        [
            "{{ .a }}{{- range $k, $v := .b }}{{ $k }}={{ $v | printf \"%q\" }}{{ else }}none{{ end -}}",
            "{{ define \"d\" }}<{{ . }}>{{ end }}{{ template \"d\" .a }}{{ block \"e\" . }}{{ end }}",
            "{{ if and .a (not .c) }}{{ with $x := 5 }}{{ $x = 6 }}{{ $x }}{{ end }}{{ else if eq .a 1 }}{{ break }}{{ end }}",
            "{{/* comment */}}{{ `raw` }}{{ 'c' }}{{ 0x1F }}{{ 1e3 }}{{ 1i }}{{ index .b 0 }}{{ slice .b 0 1 }}{{ len .b }}",
            "{{ printf \"%05.1f|%-4s|%q|%v|%T|%x\" 3.14159 \"ab\" \"c\" .b .a .a }}{{ html \"<\" }}{{ js \"'\" }}{{ urlquery \"a b\" }}",
        ],
        ["{{", "}}", "{{-", "-}}", "{{ end }}", "{{ else }}", "{{ range .b }}", "{{ if .a }}", "{{ with .a }}", "{{ define \"x\" }}", "{{ template \"x\" . }}", "$x", ":=", "|", "(", ")", ".a", ".b", "\"", "`", "/*", "*/", "printf", "%*d", "%[1]v", "index", "break", "continue", "\0", "\u00e9"],
        static input =>
        {
            try
            {
                var set = new TemplateLanguage([]).NewSet("s");
                set.Add("t", GoText.FromBytes(input));
                var data = new GoMap { ["a"] = 1.0, ["b"] = GoArray.OfStrings(["x", "y"]) };
                return "gives " + Math.Min(set.Execute("t", data, new TemplateBudget(Limits, TimeProvider.System, CancellationToken.None)).Length, 3);
            }
            catch (Exception refused) when (refused is GoException or TemplateLimitException)
            {
                return refused.Message;
            }
        });
}
