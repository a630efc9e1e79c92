using System.Net;
using System.Net.Sockets;
using System.Text;
using Capstan.Containers;
using Capstan.Sources.Processes;
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
        var backend = Backend(engine);
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
        var backend = Backend(engine);
        await using var machine = await backend.StartAsync(Spec(), _ => { }, TestContext.Current.CancellationToken);
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync(machine, "trap '' TERM; (sleep 4721 &); sleep 4722", end.Token));
        var (exit, output) = await RunAsync(machine, "echo still here; ps | grep '[4]72' | wc -l");
        Assert.Equal((0, "still here\n0\n"), (exit, output));
    }

    [Fact]
    public async Task An_actions_container_is_built_and_run_outside_the_job_and_sees_its_workspace()
    {
        using var engine = await OwnPodman.EngineAsync(_owner);
        var machine = await Backend(engine).StartAsync(Spec(), _ => { }, TestContext.Current.CancellationToken);
        foreach (var folder in new[] { "work", "home", "action" }) Directory.CreateDirectory(Path.Combine(_folder, folder));
        await File.WriteAllTextAsync(Path.Combine(_folder, "work/a.txt"), "from the job\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(_folder, "action/run.sh"), "pwd; cat a.txt; echo \"$1 $INPUT_WHO\"; echo made > made.txt; exit 5\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(_folder, "action/Dockerfile"), $"FROM {BusyboxImage.Name}\nCOPY run.sh /run.sh\nENTRYPOINT [\"sh\", \"/run.sh\"]\n", TestContext.Current.CancellationToken);
        var output = new StringBuilder();
        var said = new List<string>();
        var action = new ActionContainer(new Dictionary<string, string> { ["INPUT_WHO"] = "you" }) { BuildFolder = Path.Combine(_folder, "action"), Dockerfile = "Dockerfile", Arguments = ["hello"] };
        var exit = await machine.RunAsync(action, said.Add, bytes => output.Append(Encoding.UTF8.GetString(bytes.Span)), TestContext.Current.CancellationToken);
        Assert.True((exit, output.ToString()) == (5, "/github/workspace\nfrom the job\nhello you\n"), $"{exit}: {output} {string.Join('\n', said)}");
        Assert.Equal("made\n", await File.ReadAllTextAsync(Path.Combine(_folder, "work/made.txt"), TestContext.Current.CancellationToken));
        var image = await machine.RunAsync(new ActionContainer(new Dictionary<string, string>()) { Image = BusyboxImage.Name, Entrypoint = ["echo"], Arguments = ["an image"] }, said.Add, bytes => output.Append(Encoding.UTF8.GetString(bytes.Span)), TestContext.Current.CancellationToken);
        Assert.Equal(0, image);
        Assert.EndsWith("an image\n", output.ToString(), StringComparison.Ordinal);
        await machine.DisposeAsync();
        Assert.Empty(await engine.Containers.ListAsync(null, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_fork_bomb_ends_at_the_limit_of_processes()
    {
        using var engine = await OwnPodman.EngineAsync(_owner);
        var backend = Backend(engine, new ContainerBackendOptions { Images = Images, Processes = 40 });
        await using var machine = await backend.StartAsync(Spec(), _ => { }, TestContext.Current.CancellationToken);
        var (exit, output) = await RunAsync(machine, "i=0; while [ $i -lt 200 ]; do sleep 100 & i=$((i+1)); done; echo unlimited");
        Assert.NotEqual(0, exit);
        Assert.DoesNotContain("unlimited", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_is_found_by_its_name_once_it_is_healthy()
    {
        using var engine = await OwnPodman.EngineAsync(_owner);
        var backend = Backend(engine);
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
        var backend = Backend(engine);
        await backend.StartAsync(Spec(), _ => { }, TestContext.Current.CancellationToken);
        Assert.Single(await engine.Containers.ListAsync(null, TestContext.Current.CancellationToken));
        await Backend(engine, new ContainerBackendOptions()).CleanAsync(TestContext.Current.CancellationToken);
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
        var backend = Backend(engine);
        var refused = await Assert.ThrowsAsync<WorkflowException>(() => backend.StartAsync(Spec() with { Container = new JobContainer(BusyboxImage.Name) { Volumes = [volume] } }, _ => { }, TestContext.Current.CancellationToken));
        Assert.Contains("folders of the machine are not given to jobs", refused.Message, StringComparison.Ordinal);
        Assert.Empty(await engine.Networks.ListAsync(null, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_job_reaches_the_server_on_loopback_by_the_same_address_and_nothing_else_of_the_machine()
    {
        using var engine = await OwnPodman.EngineAsync(_owner);
        using var server = new TcpListener(IPAddress.Loopback, 0);
        using var other = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        other.Start();
        var address = (IPEndPoint)server.LocalEndpoint;
        var answering = AnswerAsync(server, TestContext.Current.CancellationToken);
        var machine = await Backend(engine, new ContainerBackendOptions { Images = Images, ServerAddress = address }).StartAsync(Spec(), _ => { }, TestContext.Current.CancellationToken);
        var (exit, output) = await RunAsync(machine, $"wget -q -O- http://{address}/; wget -q -O- http://{other.LocalEndpoint}/ 2>/dev/null || echo closed");
        Assert.True((exit, output) == (0, "from the server\nclosed\n"), $"{exit}: {output}");
        await machine.DisposeAsync();
        await answering;
    }

    [Fact]
    public async Task The_image_of_a_usual_label_is_made_once_and_found_by_what_is_in_it()
    {
        using var engine = await OwnPodman.EngineAsync(_owner);
        var recipe = new RunnerRecipe { Suite = "suite", Packages = ["none"], Base = BusyboxImage.Name };
        var options = new ContainerBackendOptions { Recipe = recipe };
        using var images = new RunnerImages(engine, options, _folder, new ProcessRunner(TimeProvider.System));
        await engine.Images.ImportAsync(RunnerRecipe.Name, recipe.Tag("suite"), new MemoryStream(BusyboxImage.Image("x:1", engine.Images.Architecture).Layer), TestContext.Current.CancellationToken);
        Assert.Equal($"localhost/capstan/runner:{recipe.Tag("suite")}", await images.FindAsync(["ubuntu-latest"], Assert.Fail, TestContext.Current.CancellationToken));
        Assert.Contains("no image is set for runs-on: windows-latest", (await Assert.ThrowsAsync<WorkflowException>(() => images.FindAsync(["windows-latest"], Assert.Fail, TestContext.Current.CancellationToken))).Message, StringComparison.Ordinal);
        Assert.NotEqual(recipe.Tag("suite"), (recipe with { Packages = ["other"] }).Tag("suite"));
    }

    [Theory]
    [InlineData("ID=debian\nVERSION_CODENAME=bookworm\n", "bookworm")]
    [InlineData("ID=\"fedora\"\nVERSION_CODENAME=\"\"\n", "")]
    public void The_release_of_the_machine_is_taken_where_it_is_a_Debian(string osRelease, string suite) => Assert.Equal(suite, RunnerRecipe.SuiteOf(osRelease));

    private ContainerBackend Backend(ContainerEngine engine, ContainerBackendOptions? options = null)
    {
        var chosen = options ?? new ContainerBackendOptions { Images = Images };
        return new ContainerBackend(engine, chosen, new RunnerImages(engine, chosen, _folder, new ProcessRunner(TimeProvider.System)), TimeProvider.System);
    }

    private static async Task AnswerAsync(TcpListener server, CancellationToken cancellation)
    {
        using var client = await server.AcceptTcpClientAsync(cancellation);
        await using var stream = client.GetStream();
        var request = new byte[4096];
        Assert.NotEqual(0, await stream.ReadAsync(request, cancellation));
        await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 16\r\nConnection: close\r\n\r\nfrom the server\n"u8.ToArray(), cancellation);
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
