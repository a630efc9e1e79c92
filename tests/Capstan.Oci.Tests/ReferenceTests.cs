using Capstan.Oci.Content;
using Capstan.Oci.References;

namespace Capstan.Oci.Tests;

/// <summary>Names of content and of where it is.</summary>
public class ReferenceTests
{
    private const string Hex = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

    [Theory]
    [InlineData("shop", "docker.io", "library/shop", null)]
    [InlineData("team/shop:v1", "docker.io", "team/shop", "v1")]
    [InlineData("localhost/shop", "localhost", "shop", null)]
    [InlineData("127.0.0.1:7070/team/shop:v1", "127.0.0.1:7070", "team/shop", "v1")]
    [InlineData("oci://ghcr.io/a/b/c:1.2.3-rc.1_x", "ghcr.io", "a/b/c", "1.2.3-rc.1_x")]
    [InlineData("[::1]:5000/shop", "[::1]:5000", "shop", null)]
    [InlineData("Host/shop", "Host", "shop", null)]
    public void A_reference_is_read_as_dockers_tools_read_it(string text, string registry, string name, string? tag)
    {
        var reference = ImageReference.Parse(text);
        Assert.Equal((registry, name, tag, tag ?? "latest"), (reference.Registry, reference.Name.Text, reference.Tag?.Text, reference.Version));
        var pinned = ImageReference.Parse($"{text}@sha256:{Hex}");
        Assert.Equal((tag, $"sha256:{Hex}"), (pinned.Tag?.Text, pinned.Version));
        Assert.Equal(pinned, ImageReference.Parse(pinned.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Shop/UPPER")]
    [InlineData("a/../b")]
    [InlineData("shop@sha256:abc")]
    [InlineData("shop:")]
    [InlineData("shop:-x")]
    [InlineData("user@host.example/shop")]
    [InlineData("host.example/")]
    [InlineData("host.example:99999/shop")]
    [InlineData("a b")]
    public void What_is_no_reference_is_refused(string text) => Assert.False(ImageReference.TryParse(text, out _));

    [Theory]
    [InlineData("sha256:" + Hex, true)]
    [InlineData("SHA256:" + Hex, false)]
    [InlineData("sha256:2CF24DBA5FB0A30E26E83B2AC5B9E29E1B161E5C1FA7425E73043362938B9824", false)]
    [InlineData("sha256:" + Hex + "0", false)]
    [InlineData("sha512:" + Hex + Hex, true)]
    [InlineData("sha512:" + Hex, false)]
    [InlineData("md5:" + Hex, false)]
    [InlineData("sha256:../../../../../../../../../../../../../../../../../../../../etc/x", false)]
    public void A_digest_is_an_algorithm_and_its_number_of_digits(string text, bool valid) => Assert.Equal(valid, Digest.TryParse(text, out _));

    [Fact]
    public void Content_that_comes_in_pieces_has_the_digest_of_the_whole()
    {
        using var hasher = new ContentHasher();
        hasher.Append("hel"u8);
        Assert.Equal(Digest.Of("hel"u8), hasher.Current());
        hasher.Append("lo"u8);
        Assert.Equal(("sha256:" + Hex, 5L), (hasher.Current().ToString(), hasher.Length));
    }

    [Theory]
    [InlineData("a", true)]
    [InlineData("a.b_c__d-e---f/g0", true)]
    [InlineData("a_.b", false)]
    [InlineData("a___b", false)]
    [InlineData("a.", false)]
    [InlineData("/a", false)]
    [InlineData("a/", false)]
    [InlineData("ä", false)]
    public void A_name_has_parts_of_joined_letters(string text, bool valid) => Assert.Equal(valid, ImageName.TryParse(text, out _));
}
