using Capstan.Containers.Containers;
using Capstan.Containers.Networks;
using Capstan.Testing;
using static Capstan.Containers.Tests.ContainerLifeTests;

namespace Capstan.Containers.Tests;

public class ImageAndNetworkTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_image_made_here_is_loaded_inspected_named_and_removed()
    {
        using var engine = await OwnPodman.EngineAsync("images");
        var archive = BusyboxImage.Archive("localhost/capstan-test/made:7", engine.Images.Architecture, ("etc/extra", "x"u8.ToArray()));
        var loaded = await engine.Images.LoadAsync(new MemoryStream(archive), Stop);
        Assert.Contains("localhost/capstan-test/made:7", loaded);

        var image = await engine.Images.InspectAsync("localhost/capstan-test/made:7", Stop);
        Assert.Equal(["/bin/sleep", "3600"], image!.Arguments);
        Assert.Contains("FROM_IMAGE=yes", image.Environment);
        Assert.Equal(engine.Info.Architecture, image.Architecture);

        await engine.Images.TagAsync(image.Id, "localhost/capstan-test/made", "8", Stop);
        Assert.Equal(image.Id, (await engine.Images.InspectAsync("localhost/capstan-test/made:8", Stop))!.Id);
        await engine.Images.RemoveAsync("localhost/capstan-test/made:7", Stop);
        await engine.Images.RemoveAsync("localhost/capstan-test/made:8", Stop);
        await engine.Images.RemoveAsync("localhost/capstan-test/made:8", Stop);
        Assert.Null(await engine.Images.InspectAsync("localhost/capstan-test/made:8", Stop));
    }

    [Fact]
    public async Task What_is_no_image_is_not_loaded()
    {
        using var engine = await OwnPodman.EngineAsync("images");
        await Assert.ThrowsAsync<ContainerEngineException>(() => engine.Images.LoadAsync(new MemoryStream(new byte[2048]), Stop));
    }

    [Fact]
    public async Task An_image_that_cannot_be_pulled_says_why()
    {
        using var engine = await OwnPodman.EngineAsync("images");
        var failure = await Assert.ThrowsAsync<ContainerEngineException>(() => engine.Images.PullAsync("127.0.0.1:9/nothing/here:1", null, Stop));
        Assert.Contains("127.0.0.1:9/nothing/here:1", failure.Message, StringComparison.Ordinal);
        Assert.Contains("refused", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Containers_of_a_network_find_each_other_by_name_and_one_can_live_in_anothers()
    {
        using var engine = await OwnPodman.EngineAsync("networks");
        var network = await engine.Networks.EnsureAsync(new NetworkSpec("capstan-test-net"), Stop);
        Assert.Equal(network.Id, (await engine.Networks.EnsureAsync(new NetworkSpec("capstan-test-net"), Stop)).Id);
        Assert.NotEqual("", network.Gateway);

        var server = await StartedAsync(engine, Shell("net-1", "mkdir /tmp/www; echo served >/tmp/www/index.html; httpd -f -p 8080 -h /tmp/www") with { Network = ContainerNetwork.Named(network.Name, "db") });
        var status = await engine.Containers.InspectAsync(server, Stop);
        Assert.True(status!.Addresses.ContainsKey(network.Name));
        var neighbour = await StartedAsync(engine, Shell("net-2", "for i in 1 2 3 4 5 6 7 8 9; do wget -q -O - http://127.0.0.1:8080/ && exit; sleep 0.2; done") with { Network = ContainerNetwork.Of(server) });
        await engine.Containers.WaitAsync(neighbour, Stop);
        Assert.Equal("served\n", (await LogAsync(engine, neighbour)).Output);
        var other = await StartedAsync(engine, Shell("net-3", "wget -q -O - http://db:8080/") with { Network = ContainerNetwork.Named(network.Name) });
        await engine.Containers.WaitAsync(other, Stop);
        Assert.Equal("served\n", (await LogAsync(engine, other)).Output);

        await engine.Containers.ReapAsync(null, _ => false, Stop);
        await engine.Networks.RemoveAsync(network.Name, Stop);
        await engine.Networks.RemoveAsync(network.Name, Stop);
        Assert.Empty(await engine.Networks.ListAsync(null, Stop));
    }
}
