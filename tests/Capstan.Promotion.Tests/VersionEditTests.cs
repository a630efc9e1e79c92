using Capstan.Promotion.Pipelines;
using Capstan.Promotion.Writing;

namespace Capstan.Promotion.Tests;

/// <summary>Versions are written where they stand; everything around them stays.</summary>
public class VersionEditTests
{
    private static readonly string D = Make.Digest('b');

    public static TheoryData<string, string> Kustomizations => new()
    {
        {
            "# the shop\nresources:\n- ../base\nimages:\n  # ours\n  - name: shop   # here\n    newTag: \"1.0\" # the version\n    newName: old.example/shop\nnamespace: shop\n",
            "# the shop\nresources:\n- ../base\nimages:\n  # ours\n  - name: shop   # here\n    newTag: \"1.1\" # the version\n    newName: registry.example/shop\nnamespace: shop\n"
        },
        { "images:\n- name: shop\n  newName: registry.example/shop\n  digest: sha256:x\n", $"images:\n- name: shop\n  newName: registry.example/shop\n  digest: {D}\n" },
        { "images:\n- newTag: v0\n  name: shop\n- name: other\n  newTag: v9\n", "images:\n- newTag: \"1.1\"\n  name: shop\n  newName: registry.example/shop\n- name: other\n  newTag: v9\n" },
        { "images: [{name: shop, newName: registry.example/shop, newTag: v0}] # all\n", "images: [{name: shop, newName: registry.example/shop, newTag: \"1.1\"}] # all\n" },
        { "resources: [../base]\n", $"resources: [../base]\nimages:\n  - name: shop\n    newName: registry.example/shop\n    digest: {D}\n" },
    };

    [Theory]
    [MemberData(nameof(Kustomizations))]
    public void A_kustomization_keeps_its_layout(string before, string after) => Writes(before, after, new WriteTarget("r", "main", "k.yaml", VersionForm.Kustomization));

    [Fact]
    public void Values_are_written_at_their_keys()
    {
        var target = new WriteTarget("r", "main", "values.yaml", VersionForm.Values)
        {
            Values = [new ValueKey("image.tag", null, "tag"), new ValueKey("image.repository", "shop", "repository"), new ValueKey("sidecar.ref", null, "reference"), new ValueKey("image.digest", null, "digest")],
        };
        Writes("image:\n  repository: 'old/shop'  # where\n  tag: v0\n  digest: \"\"\n\nsidecar: {ref: x, y: z}\n",
            $"image:\n  repository: 'registry.example/shop'  # where\n  tag: \"1.1\"\n  digest: \"{D}\"\n\nsidecar: {{ref: registry.example/shop:1.1@{D}, y: z}}\n", target);
        var missing = Assert.Throws<PromotionException>(() => VersionEdit.Apply("a: 1\n", target, Make.Release(1)));
        Assert.Equal("values.yaml: image.tag: is not there; add the key to the values file, so that it can be written in its place", missing.Message);
    }

    [Fact]
    public void Manifests_get_their_images()
    {
        var target = new WriteTarget("r", "main", "all.yaml", VersionForm.Manifest);
        Writes("kind: Deployment\nspec:\n  containers:\n  - image: registry.example/shop:1.0 # ours\n    name: shop\n  - image: redis:7\n---\nkind: CronJob\nspec: {image: shop}\n",
            $"kind: Deployment\nspec:\n  containers:\n  - image: registry.example/shop:1.1@{D} # ours\n    name: shop\n  - image: redis:7\n---\nkind: CronJob\nspec: {{image: registry.example/shop:1.1@{D}}}\n", target);
        Assert.Equal("all.yaml: names no image shop", Assert.Throws<PromotionException>(() => VersionEdit.Apply("image: redis\n", target, Make.Release(1))).Message);
    }

    [Fact]
    public void What_cannot_be_edited_is_said_with_its_place()
    {
        var kustomization = new WriteTarget("r", "main", "k.yaml", VersionForm.Kustomization);
        Assert.Contains("k.yaml:2:", Assert.Throws<PromotionException>(() => VersionEdit.Apply("images:\n- name: other\n", kustomization, Make.Release(1))).Message, StringComparison.Ordinal);
        Assert.StartsWith("k.yaml: ", Assert.Throws<PromotionException>(() => VersionEdit.Apply("a: [", kustomization, Make.Release(1))).Message, StringComparison.Ordinal);
    }

    // Written again it changes nothing: that is how a promotion that was interrupted is not written twice.
    private static void Writes(string before, string after, WriteTarget target)
    {
        Assert.Equal(after, VersionEdit.Apply(before, target, Make.Release(1)));
        Assert.Equal(after, VersionEdit.Apply(after, target, Make.Release(1)));
    }
}
