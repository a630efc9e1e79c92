using Capstan.Workflows.Files;
using Capstan.Workflows.Planning;

namespace Capstan.Workflows.Tests.Planning;

public sealed class TriggerMatchTests
{
    [Theory]
    [InlineData("on: push", "refs/heads/x", "a", true)]
    [InlineData("on: push", "refs/tags/v1", "a", true)]
    [InlineData("on: workflow_dispatch", "refs/heads/x", "a", false)]
    [InlineData("on: {push: {branches: [main]}}", "refs/heads/main", "a", true)]
    [InlineData("on: {push: {branches: [main]}}", "refs/heads/dev", "a", false)]
    [InlineData("on: {push: {branches: [main]}}", "refs/tags/main", "a", false)]
    [InlineData("on: {push: {tags: ['v*']}}", "refs/tags/v1", "a", true)]
    [InlineData("on: {push: {tags: ['v*']}}", "refs/heads/v1", "a", false)]
    [InlineData("on: {push: {branches-ignore: ['wip/**']}}", "refs/heads/wip/a/b", "a", false)]
    [InlineData("on: {push: {branches-ignore: ['wip/**']}}", "refs/heads/main", "a", true)]
    [InlineData("on: {push: {paths: ['src/**']}}", "refs/heads/main", "src/a/b.c README.md", true)]
    [InlineData("on: {push: {paths: ['src/**']}}", "refs/heads/main", "README.md", false)]
    [InlineData("on: {push: {paths: ['src/**', '!src/docs/**']}}", "refs/heads/main", "src/docs/a", false)]
    [InlineData("on: {push: {paths-ignore: ['**.md']}}", "refs/heads/main", "a.md b/c.md", false)]
    [InlineData("on: {push: {paths-ignore: ['**.md']}}", "refs/heads/main", "a.md x", true)]
    [InlineData("on: {push: {paths: ['src/**']}}", "refs/tags/v1", "README.md", true)]
    public void A_push_starts_what_its_filters_let_pass(string on, string name, string changed, bool starts)
    {
        var file = WorkflowReader.Read("w.yaml", on + "\njobs:\n  a:\n    runs-on: x\n    steps: []\n").File!;
        Assert.Equal(starts, TriggerMatch.Starts(file, new WorkflowEvent("push", "r", name, "1", "me") { ChangedPaths = changed.Split(' ') }));
    }
}
