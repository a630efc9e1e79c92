using System.Text.RegularExpressions;
using Capstan.Kustomize.Spec;
using Capstan.Kustomize.Transformers.Images;

namespace Capstan.Kustomize.Tests.Files;

/// <summary>Patterns that are matched by hand say what the engine for all of the language says.</summary>
public sealed class PatternTests
{
    private static readonly string[] Patterns =
    [
        "web", "web.*", ".*web", ".*", "w.b", "a|b", "web|api.*|.*-db", "^web$", "^web|api$", ".+", "w.+b", ".*a.*b.*", "a\\.b", "a\\-b", "", "|a", "a/b:c@d",
        ".*.*", "web-[0-9]+", "(web|api)", "we*b", "web?", ".*?", "a{2}", "[a-z]*",
    ];

    private static readonly string[] Texts =
    [
        "", "a", "b", "web", "wab", "wb", "webb", "web-1", "my-web", "my-web-db", "api", "api-2", "apiweb", "a.b", "axb", "a-b", "aab", "xaxbx", "xbxax", "a/b:c@d", "web\nx", "x\nweb", "\n", "aa",
    ];

    [Fact]
    public void Names_match_as_the_engine_has_it() => Assert.All(
        Patterns,
        pattern => Assert.All(Texts, text => Assert.True(new NamePattern(pattern).IsMatch(text) == Regex.IsMatch(text, $"^(?:{pattern})\\z"), $"'{pattern}' and '{text}'")));

    [Theory]
    [InlineData("web", true)]
    [InlineData("web-.*", true)]
    [InlineData("a|b", true)]
    [InlineData("^web$", true)]
    [InlineData("web-[0-9]+", false)]
    [InlineData("(a|b)", false)]
    [InlineData("we*b", false)]
    [InlineData(".*?", false)]
    public void Only_what_is_plain_is_matched_by_hand(string pattern, bool plain) => Assert.Equal(plain, PlainPattern.Parse(pattern) is not null);

    [Fact]
    public void Images_match_as_the_engine_has_it()
    {
        string[] names = ["nginx", "registry:5000/a/nginx", "gcr.io/nginx", "n.inx", "ngin.*", "nginx|redis", "ng[i]nx", "^nginx", "a\\.b"];
        string[] images =
        [
            "nginx", "nginx:", "nginx:1.2", "nginx:1.2@sha256:ab", "nginx@sha256:ab", "nginx@sha512:ab", "nginx:1:2", "nginx:{{x}}", "nginx:a b", "nginxx", "xnginx", "redis", "redis:1",
            "registry:5000/a/nginx:1", "gcr.io/nginx", "gcrxio/nginx:1", "n-inx", "", "a.b:1", "axb", "nginx:1\n",
        ];
        Assert.All(names, name => Assert.All(images, image =>
            Assert.True(
                new ImagePattern(name).IsMatch(image) == Regex.IsMatch(image, $"^{name}(:[a-zA-Z0-9_.{{}}-]*)?(@sha256:[a-zA-Z0-9_.{{}}-]*)?\\z"), $"'{name}' and '{image}'")));
    }
}
