namespace Capstan.LocalCluster.Tests.Node;

/// <summary>Looking into pods that run: containers that are added to them, processes that they share.</summary>
public sealed class DebugTests(PodWorld world) : IClassFixture<PodWorld>
{
    private const string Image = Testing.BusyboxImage.Name;

    [Fact]
    public async Task Kubectl_debug_adds_a_container_that_sees_the_processes_of_another()
    {
        await RunAsync("looked-at");

        await world.KubectlAsync("", "debug", "looked-at", $"--image={Image}", "--target=main", "-c", "eye", "--image-pull-policy=IfNotPresent", "--", "sh", "-c", "ps; echo seen");

        var log = await world.UntilAsync(text => text.Contains("seen", StringComparison.Ordinal), "logs", "looked-at", "-c", "eye");
        Assert.Contains("sleep 4321", log, StringComparison.Ordinal);
        await world.UntilAsync(text => text == "Completed", "get", "pod", "looked-at", "-o", "jsonpath={.status.ephemeralContainerStatuses[0].state.terminated.reason}");
        Assert.Equal("True 0", await world.KubectlAsync("", "get", "pod", "looked-at", "-o", "jsonpath={.status.conditions[?(@.type==\"Ready\")].status} {.status.containerStatuses[0].restartCount}"));
    }

    [Fact]
    public async Task What_was_added_stays_as_it_is()
    {
        await RunAsync("fixed");
        await world.KubectlAsync("", "debug", "fixed", $"--image={Image}", "-c", "eye", "--", "sleep", "1");

        var (code, _, error) = await world.RunAsync("", "patch", "pod", "fixed", "--subresource=ephemeralcontainers", "--type=json", "-p", """[{"op":"remove","path":"/spec/ephemeralContainers/0"}]""");
        Assert.NotEqual(0, code);
        Assert.Contains("existing ephemeral containers \"eye\" may not be removed", error, StringComparison.Ordinal);

        (code, _, error) = await world.RunAsync("", "patch", "pod", "fixed", "--subresource=ephemeralcontainers", "-p", $$"""{"spec":{"ephemeralContainers":[{"name":"main","image":"{{Image}}"}] } }""");
        Assert.NotEqual(0, code);
        Assert.Contains("spec.ephemeralContainers[0].name: Duplicate value: \"main\"", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Containers_of_a_pod_may_share_their_processes()
    {
        await RunAsync("shared", sharesProcesses: true);

        Assert.Contains("sleep 4321", await world.KubectlAsync("", "exec", "shared", "-c", "main", "--", "ps"), StringComparison.Ordinal);
        Assert.NotEqual("1", (await world.KubectlAsync("", "exec", "shared", "-c", "main", "--", "sh", "-c", "ps | grep 'sleep 4321' | grep -v grep | sed 's/^ *//; s/ .*//'")).Trim());
    }

    private async Task RunAsync(string name, bool sharesProcesses = false)
    {
        var pod = $$"""{"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{name}}"},"spec":{ {{(sharesProcesses ? "\"shareProcessNamespace\":true," : "")}}"terminationGracePeriodSeconds":1,"containers":[{"name":"main","image":"{{Image}}","command":["sleep","4321"]}] } }""";
        await world.KubectlAsync(pod, "apply", "-f", "-");
        await world.KubectlAsync("", "wait", "--for=condition=Ready", "pod/" + name, "--timeout=50s");
    }
}
