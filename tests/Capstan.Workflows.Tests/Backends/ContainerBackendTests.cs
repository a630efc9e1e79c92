using System.Text;
using Capstan.Testing;
using Capstan.Workflows.Backends;
using Capstan.Workflows.Backends.Containers;

namespace Capstan.Workflows.Tests.Backends;

/// <summary>Jobs in containers of a real Podman.</summary>
public sealed class ContainerBackendTests : IDisposable
{
    private static readonly Dictionary<string, string> Images = new() { ["*"] = BusyboxImage.Name };
    private readonly string _folder = Directory.CreateTempSubdirectory("capstan-ci-").FullName;
    private readonly string _owner = $"ci-{Guid.NewGuid():N}";

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_job_sees_its_folder_and_nothing_of_the_engine_and_leaves_nothing()
    {
        using var engine = await OwnPodman.EngineAsync(_owner);
        var backend = new ContainerBackend(engine, new ContainerBackendOptions { Images = Images }, TimeProvider.System);
        await File.WriteAllTextAsync(Path.Combine(_folder, "a.txt"), "from outside\n", TestContext.Current.CancellationToken);
        var machine = await backend.StartAsync(Spec(), _ => { }, TestContext.Current.CancellationToken);
        var (exit, output) = await RunAsync(machine, "cat a.txt; echo \"$A\"; echo made > b.txt; cat /proc/self/mountinfo; find / -name '*.sock' -not -path '/proc/*' 2>/dev/null; exit 3");
        Assert.Equal(3, exit);
        Assert.StartsWith("from outside\nvalue of A\n", output, StringComparison.Ordinal);
        Assert.Equal("made\n", await File.ReadAllTextAsync(Path.Combine(_folder, "b.txt"), TestContext.Current.CancellationToken));
        Assert.DoesNotContain(".sock", output, StringComparison.Ordinal);
        foreach (var container in await engine.Containers.ListAsync(null, TestContext.Current.CancellationToken))
        {
            var status = await engine.Containers.InspectAsync(container.Id, TestContext.Current.CancellationToken);
            Assert.All(status!.MountSources, m => Assert.StartsWith(_folder, m.Value, StringComparison.Ordinal));
        }

        await machine.DisposeAsync();
        Assert.Empty(await engine.Containers.ListAsync(null, TestContext.Current.CancellationToken));
        Assert.Empty(await engine.Networks.ListAsync(null, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_step_that_is_ended_takes_what_it_started_along_and_the_job_goes_on()
    {
        using var engine = await OwnPodman.EngineAsync(_owner);
        var backend = new ContainerBackend(engine, new ContainerBackendOptions { Images = Images }, TimeProvider.System);
        await using var machine = await backend.StartAsync(Spec(), _ => { }, TestContext.Current.CancellationToken);
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync(machine, "trap '' TERM; (sleep 4721 &); sleep 4722", end.Token));
        var (exit, output) = await RunAsync(machine, "echo still here; ps | grep '[4]72' | wc -l");
        Assert.Equal((0, "still here\n0\n"), (exit, output));
    }

    [Fact]
    public async Task A_fork_bomb_ends_at_the_limit_of_processes()
    {
        using var engine = await OwnPodman.EngineAsync(_owner);
        var backend = new ContainerBackend(engine, new ContainerBackendOptions { Images = Images, Processes = 40 }, TimeProvider.System);
        await using var machine = await backend.StartAsync(Spec(), _ => { }, TestContext.Current.CancellationToken);
        var (exit, output) = await RunAsync(machine, "i=0; while [ $i -lt 200 ]; do sleep 100 & i=$((i+1)); done; echo unlimited");
        Assert.NotEqual(0, exit);
        Assert.DoesNotContain("unlimited", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_is_found_by_its_name_once_it_is_healthy()
    {
        using var engine = await OwnPodman.EngineAsync(_owner);
        var backend = new ContainerBackend(engine, new ContainerBackendOptions { Images = Images }, TimeProvider.System);
        var service = new JobContainer(BusyboxImage.Name) { Entrypoint = "sh", Command = "-c \"mkdir /w; echo served > /w/index.html; exec httpd -f -p 8080 -h /w\"", Options = "--health-cmd \"wget -q -O- http://127.0.0.1:8080/\"" };
        await using var machine = await backend.StartAsync(Spec() with { Services = [new("web", service)] }, _ => { }, TestContext.Current.CancellationToken);
        var (exit, output) = await RunAsync(machine, "wget -q -O- http://web:8080/");
        Assert.True((exit, output) == (0, "served\n"), $"{exit}: {output}");
        Assert.NotEmpty(machine.Facts.Services["web"]);
    }

    [Fact]
    public async Task What_a_killed_server_left_is_removed_at_the_next_start()
    {
        using var engine = await OwnPodman.EngineAsync(_owner);
        var backend = new ContainerBackend(engine, new ContainerBackendOptions { Images = Images }, TimeProvider.System);
        await backend.StartAsync(Spec(), _ => { }, TestContext.Current.CancellationToken);
        Assert.Single(await engine.Containers.ListAsync(null, TestContext.Current.CancellationToken));
        await new ContainerBackend(engine, new ContainerBackendOptions(), TimeProvider.System).CleanAsync(TestContext.Current.CancellationToken);
        Assert.Empty(await engine.Containers.ListAsync(null, TestContext.Current.CancellationToken));
        Assert.Empty(await engine.Networks.ListAsync(null, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("--privileged", "options: --privileged is not allowed here")]
    [InlineData("-v /:/h", "options: -v is not allowed here")]
    [InlineData("--volume=/var/run/docker.sock:/s", "options: --volume is not allowed here")]
    [InlineData("--mount type=bind,src=/,dst=/h", "options: --mount is not allowed here")]
    [InlineData("--pid=host", "options: --pid is not allowed here")]
    [InlineData("--network host", "options: --network is not allowed here")]
    [InlineData("--device /dev/kmsg", "options: --device is not allowed here")]
    [InlineData("--cap-add ALL", "options: --cap-add is not allowed here")]
    [InlineData("--security-opt seccomp=unconfined", "options: --security-opt is not allowed here")]
    [InlineData("--env", "options: --env needs a value")]
    [InlineData("--memory lots", "options: --memory lots is no size such as 512m")]
    [InlineData("--user 'a", "options: a quote is not closed")]
    public void Options_that_open_the_machine_are_refused(string options, string message) =>
        Assert.StartsWith(message, Assert.Throws<WorkflowException>(() => ContainerOptions.Parse(options)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("/:/host")]
    [InlineData("/var/run/docker.sock:/var/run/docker.sock")]
    [InlineData("../x:/y")]
    [InlineData("only")]
    public async Task Folders_of_the_machine_are_not_given_to_jobs(string volume)
    {
        using var engine = await OwnPodman.EngineAsync(_owner);
        var backend = new ContainerBackend(engine, new ContainerBackendOptions { Images = Images }, TimeProvider.System);
        var refused = await Assert.ThrowsAsync<WorkflowException>(() => backend.StartAsync(Spec() with { Container = new JobContainer(BusyboxImage.Name) { Volumes = [volume] } }, _ => { }, TestContext.Current.CancellationToken));
        Assert.Contains("folders of the machine are not given to jobs", refused.Message, StringComparison.Ordinal);
        Assert.Empty(await engine.Networks.ListAsync(null, TestContext.Current.CancellationToken));
    }

    private JobMachineSpec Spec() => new($"run-{Guid.NewGuid():N}", "shop", _folder, ["ubuntu-latest"]);

    private static async Task<(int Exit, string Output)> RunAsync(IJobMachine machine, string script, CancellationToken? cancellation = null)
    {
        var output = new StringBuilder();
        var exit = await machine.RunAsync(
            new(["sh", "-c", script], new Dictionary<string, string> { ["A"] = "value of A", ["PATH"] = machine.SearchPath }, "/__w"), bytes => output.Append(Encoding.UTF8.GetString(bytes.Span)), cancellation ?? TestContext.Current.CancellationToken);
        return (exit, output.ToString());
    }
}
