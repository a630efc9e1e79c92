using System.Security.Cryptography;
using System.Text;
using Capstan.Helm.Charts;
using Capstan.Helm.Repositories;

namespace Capstan.Helm.Tests.Repositories;

public sealed class ChartRepositoriesTests
{
    private const string Index = """
        apiVersion: v1
        generated: "2030-01-01T00:00:00Z"
        entries:
          other:
          - {version: 9.9.9, urls: [x], dependencies: [{name: a, version: "1"}], annotations: {a: [[[b]]]}}
          leaf:
          - version: 2.0.0-rc.1
            urls: [leaf-2.tgz]
            maintainers: [{name: x}]
          - version: 1.2.3
            digest: sha256:abc
            urls:
            - charts/leaf-1.2.3.tgz
          - version: 1.1.0
            urls: ["https://elsewhere.example/leaf-1.1.0.tgz"]
          - version: not a version
          - 7
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", "1.2.3")]
    [InlineData("1.1.0", "1.1.0")]
    [InlineData("~1.1", "1.1.0")]
    [InlineData("1.x", "1.2.3")]
    [InlineData(">1.0.0-0", "2.0.0-rc.1")]
    [InlineData("2.0.0-rc.1", "2.0.0-rc.1")]
    public async Task A_range_means_the_highest_version_that_helm_would_take(string wanted, string found) =>
        Assert.Equal(found, (await new ChartRepositories(new Fake(Index)).FindAsync("https://charts.example", "leaf", wanted, Cancel)).Version);

    [Theory]
    [InlineData("leaf", "9", "chart \"leaf\" version \"9\" not found in https://charts.example repository")]
    [InlineData("nope", "", "chart \"nope\" not found in https://charts.example repository")]
    public async Task What_is_not_there_is_told(string name, string version, string message) =>
        Assert.Equal(message, (await Assert.ThrowsAsync<ChartException>(() => new ChartRepositories(new Fake(Index)).FindAsync("https://charts.example", name, version, Cancel))).Message);

    [Theory]
    [InlineData("https://charts.example/stable", "leaf.tgz", "https://charts.example/stable/leaf.tgz")]
    [InlineData("https://charts.example/stable/", "a/leaf.tgz", "https://charts.example/stable/a/leaf.tgz")]
    [InlineData("https://charts.example/stable?token=1", "leaf.tgz", "https://charts.example/stable/leaf.tgz?token=1")]
    [InlineData("https://charts.example/stable", "https://cdn.example/leaf.tgz", "https://cdn.example/leaf.tgz")]
    public void Addresses_in_an_index_are_below_the_repository(string repository, string url, string resolved) =>
        Assert.Equal(resolved, ChartRepositories.Resolve(repository, url));

    [Fact]
    public async Task An_archive_that_is_not_what_the_index_says_is_refused()
    {
        var error = await Assert.ThrowsAsync<ChartException>(() => new ChartRepositories(new Fake(Index)).FetchAsync("https://charts.example", "leaf", "1.2.3", Cancel));
        Assert.Contains("and the index says abc", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a: [b\n")]
    [InlineData("- a\n")]
    [InlineData("entries: {leaf: [{urls: [[x]]}]}\n")]
    public async Task An_index_that_is_none_is_told_with_its_place(string index) =>
        Assert.Contains("index.yaml:", (await Assert.ThrowsAsync<ChartException>(() => new ChartRepositories(new Fake(index)).FindAsync("https://charts.example", "leaf", "", Cancel))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_large_index_is_read_as_a_stream_and_a_deep_one_ends()
    {
        var large = new StringBuilder("entries:\n");
        for (var i = 0; i < 20_000; i++)
        {
            large.Append("  chart-").Append(i).Append(":\n  - {version: 1.0.0, urls: [a.tgz], description: \"").Append('x', 200).Append("\"}\n");
        }

        large.Append("  leaf:\n  - {version: 1.0.0, urls: [leaf.tgz]}\n");
        Assert.Equal("1.0.0", (await new ChartRepositories(new Fake(large.ToString())).FindAsync("https://charts.example", "leaf", "", Cancel)).Version);
        var deep = "entries: {other: " + new string('[', 100_000) + "\n";
        await Assert.ThrowsAsync<ChartException>(() => new ChartRepositories(new Fake(deep)).FindAsync("https://charts.example", "leaf", "", Cancel));
    }

    private sealed class Fake(string index) : IRepositoryFiles
    {
        public Task<RepositoryFile> IndexAsync(string repository, CancellationToken cancellation) => Task.FromResult(File(index));

        public Task<RepositoryFile> FileAsync(string repository, string url, string sha256, CancellationToken cancellation) => Task.FromResult(File(url));

        private static RepositoryFile File(string text)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            return new RepositoryFile(Convert.ToHexStringLower(SHA256.HashData(bytes)), () => new MemoryStream(bytes));
        }
    }
}
