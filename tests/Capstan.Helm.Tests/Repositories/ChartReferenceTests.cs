using System.Text;
using Capstan.Helm.Charts;
using Capstan.Helm.Repositories;

namespace Capstan.Helm.Tests.Repositories;

public sealed class ChartReferenceTests
{
    private const string Digest = "sha256:0123456789012345678901234567890123456789012345678901234567890123";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("oci://ghcr.io/team/charts/shop", "ghcr.io/team/charts/shop", "", "")]
    [InlineData("oci://127.0.0.1:5000/shop:1.2.3", "127.0.0.1:5000/shop", "1.2.3", "")]
    [InlineData("oci://127.0.0.1:5000/shop@" + Digest, "127.0.0.1:5000/shop", "", Digest)]
    [InlineData("oci://ghcr.io/shop:1.2.3@" + Digest, "ghcr.io/shop", "1.2.3", Digest)]
    public void References_are_read_with_tag_and_digest(string text, string repository, string tag, string digest) =>
        Assert.Equal(new ChartReference(repository, tag, digest), ChartReference.Parse(text));

    [Theory]
    [InlineData("oci://")]
    [InlineData("oci://ghcr.io")]
    [InlineData("oci://ghcr.io/")]
    public void What_names_no_chart_is_refused(string text) => Assert.Throws<ChartException>(() => ChartReference.Parse(text));

    [Theory]
    [InlineData("", "1.10.0")]
    [InlineData("~1.2", "1.2.9")]
    [InlineData("1.2.x", "1.2.9")]
    [InlineData(">1.10.0-0", "2.0.0-rc.1")]
    [InlineData("1.9.0+build.5", "1.9.0_build.5")]
    [InlineData("7.7.7", "7.7.7")]
    [InlineData("latest", "latest")]
    [InlineData(Digest, Digest)]
    public async Task A_version_is_taken_as_it_is_and_a_range_means_its_highest_tag(string version, string fetched)
    {
        var registry = new Fake("1.2.9", "1.10.0", "1.2.10-beta", "2.0.0-rc.1", "1.9.0_build.5", "latest", "sha256-abc.sig");
        await new ChartRepositories(new NoFiles(), registry).FetchAsync("oci://r.example/charts", "leaf", version, Cancel);
        Assert.Equal(("r.example/charts/leaf", fetched), registry.Fetched);
    }

    [Theory]
    [InlineData("oci://r.example/leaf:1.0.0", "2.0.0", "chart reference and version mismatch: 2.0.0 is not 1.0.0")]
    [InlineData("oci://r.example/leaf", ">3", "could not locate a version matching provided version string >3")]
    public async Task What_cannot_be_found_is_told_in_helms_words(string reference, string version, string message) =>
        Assert.Equal(message, (await Assert.ThrowsAsync<ChartException>(() => new ChartRepositories(new NoFiles(), new Fake("1.0.0")).FetchAsync(ChartReference.Parse(reference), version, Cancel))).Message);

    [Fact]
    public async Task A_repository_without_tags_and_an_image_are_no_charts()
    {
        Assert.Contains("unable to locate any tags", (await Assert.ThrowsAsync<ChartException>(() => new ChartRepositories(new NoFiles(), new Fake()).FetchAsync("oci://r.example", "leaf", "", Cancel))).Message, StringComparison.Ordinal);
        var image = new Fake("1.0.0") { ConfigType = "application/vnd.oci.image.config.v1+json" };
        Assert.Contains("is no chart", (await Assert.ThrowsAsync<ChartException>(() => new ChartRepositories(new NoFiles(), image).FetchAsync("oci://r.example", "leaf", "", Cancel))).Message, StringComparison.Ordinal);
    }

    private sealed class Fake(params string[] tags) : IChartRegistry
    {
        public string ConfigType { get; init; } = ChartArtifact.HelmConfig;

        public (string Repository, string Version) Fetched { get; private set; }

        public Task<IReadOnlyList<string>> TagsAsync(string repository, CancellationToken cancellation) => Task.FromResult<IReadOnlyList<string>>(tags);

        public Task<ChartArtifact> FetchAsync(string repository, string version, CancellationToken cancellation)
        {
            Fetched = (repository, version);
            return Task.FromResult(new ChartArtifact(ConfigType, new RepositoryFile("", () => new MemoryStream(Encoding.UTF8.GetBytes("x"))), null));
        }
    }

    private sealed class NoFiles : IRepositoryFiles
    {
        public Task<RepositoryFile> IndexAsync(string repository, CancellationToken cancellation) => throw new InvalidOperationException(repository);

        public Task<RepositoryFile> FileAsync(string repository, string url, string sha256, CancellationToken cancellation) => throw new InvalidOperationException(url);
    }
}
