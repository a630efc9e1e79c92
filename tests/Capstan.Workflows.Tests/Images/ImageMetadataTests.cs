using Capstan.Workflows.Images;

namespace Capstan.Workflows.Tests.Images;

/// <summary>The examples of docker/metadata-action's own README, and what lies around them.</summary>
public sealed class ImageMetadataTests
{
    private const string Sha = "860c1904a1ce19322e91ac35af1ab07466440c37";

    [Theory]
    [InlineData("refs/heads/main", "", "main")]
    [InlineData("refs/heads/my/branch", "", "my-branch")]
    [InlineData("refs/tags/v1.2.3", "", "v1.2.3 latest")]
    [InlineData("refs/tags/v1.2.3", "type=semver,pattern={{version}}", "1.2.3 latest")]
    [InlineData("refs/tags/v1.2.3", "type=semver,pattern={{raw}}", "v1.2.3 latest")]
    [InlineData("refs/tags/v1.2.3", "type=semver,pattern={{major}}.{{minor}}", "1.2 latest")]
    [InlineData("refs/tags/v2.0.8-beta.67", "type=semver,pattern={{version}}", "2.0.8-beta.67")]
    [InlineData("refs/tags/v2.0.8-beta.67", "type=semver,pattern={{major}}.{{minor}}", "2.0.8-beta.67")]
    [InlineData("refs/tags/p1/v1.2.3", @"type=match,pattern=p1/v(\d.\d.\d),group=1", "1.2.3 latest")]
    [InlineData("refs/heads/main", "type=edge", "edge")]
    [InlineData("refs/heads/other", "type=edge", "")]
    [InlineData("refs/heads/main", "type=sha", "sha-860c190")]
    [InlineData("refs/heads/main", "type=sha,format=long,prefix=", Sha)]
    [InlineData("refs/heads/main", "type=raw,value=foo", "foo")]
    [InlineData("refs/heads/main", "foo", "foo")]
    [InlineData("refs/heads/main", "type=raw,value=stable,enable={{is_default_branch}}", "stable")]
    [InlineData("refs/heads/other", "type=raw,value=stable,enable={{is_default_branch}}", "")]
    [InlineData("refs/heads/main", "type=raw,value={{branch}}-{{sha}}", "main-860c190")]
    [InlineData("refs/heads/main", "type=sha|type=ref,event=branch", "main sha-860c190")]
    [InlineData("refs/heads/main", "type=sha,priority=2000|type=ref,event=branch", "sha-860c190 main")]
    [InlineData("refs/pull/2/merge", "type=ref,event=pr", "pr-2")]
    public void Tags_follow_from_the_rules_and_the_ref(string gitRef, string rules, string tags)
    {
        var result = ImageMetadata.Of(new MetadataInput("push", gitRef, Sha, "main") { Images = ["example.org/app"], Rules = rules.Split('|', StringSplitOptions.RemoveEmptyEntries) });
        Assert.Equal(tags, string.Join(' ', result.Tags));
        Assert.Equal(result.Tags.Select(t => $"example.org/app:{t}"), result.Names);
        Assert.Equal(tags.Split(' ')[0], result.Version);
    }

    [Theory]
    [InlineData("latest=false", "v1.2.3")]
    [InlineData("latest=true,prefix=x-,suffix=-y", "x-v1.2.3-y latest")]
    public void Flavor_changes_all_tags(string flavor, string tags) =>
        Assert.Equal(tags, string.Join(' ', ImageMetadata.Of(new MetadataInput("push", "refs/tags/v1.2.3", Sha, "main") { Flavor = [flavor] }).Tags));

    [Theory]
    [InlineData("type=moon", "tags: 'type=moon': 'moon' is not known; there are schedule, semver, match, edge, ref, raw, sha")]
    [InlineData("type=ref,event=moon", "tags: 'type=ref,event=moon': the event 'moon' is none of branch, tag, pr")]
    [InlineData("type=raw,value={{moon}}", "tags: 'type=raw,value={{moon}}': 'moon' is none of branch, tag, sha, is_default_branch, is_not_default_branch")]
    public void A_rule_that_is_none_is_named(string rule, string error) =>
        Assert.Equal(error, Assert.Throws<WorkflowException>(() => ImageMetadata.Of(new MetadataInput("push", "refs/heads/main", Sha, "main") { Rules = [rule] })).Message);
}
