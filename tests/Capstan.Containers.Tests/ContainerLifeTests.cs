using System.Text;
using Capstan.Containers.Containers;
using Capstan.Containers.Streams;
using Capstan.Testing;

namespace Capstan.Containers.Tests;

public class ContainerLifeTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_container_runs_its_program_with_its_variables_folder_and_user_and_tells_how_it_ended()
    {
        using var engine = await OwnPodman.EngineAsync("life");
        var id = await engine.Containers.CreateAsync(Shell("life-1", "echo $GREETING from $FROM_IMAGE in $(pwd) as $(id -u):$(id -g); echo wrong >&2; exit 3") with
        {
            Environment = new Dictionary<string, string> { ["GREETING"] = "héllo $HOME" },
            WorkingFolder = "/tmp",
            User = "1000:1000",
        }, Stop);
        await engine.Containers.StartAsync(id, Stop);
        Assert.Equal(3, await engine.Containers.WaitAsync(id, Stop));

        var (output, errors) = await LogAsync(engine, id);
        Assert.Equal("héllo $HOME from yes in /tmp as 1000:1000\n", output);
        Assert.Equal("wrong\n", errors);
        var status = await engine.Containers.InspectAsync(id, Stop);
        Assert.Equal((ContainerPhase.Exited, 3, "life-1", false), (status!.Phase, status.ExitCode, status.Name, status.OutOfMemory));
        Assert.True(status.StartedAt <= status.FinishedAt, $"{status.StartedAt:O} {status.FinishedAt:O}");

        await engine.Containers.RemoveAsync(id, Stop);
        await engine.Containers.RemoveAsync(id, Stop);
        Assert.Null(await engine.Containers.InspectAsync(id, Stop));
    }

    [Fact]
    public async Task A_signal_ends_a_container_and_ending_one_that_ended_is_no_error()
    {
        using var engine = await OwnPodman.EngineAsync("life");
        var id = await StartedAsync(engine, Shell("life-2", "trap 'exit 7' TERM; while true; do sleep 0.05; done"));
        await engine.Containers.KillAsync(id, "TERM", Stop);
        Assert.Equal(7, await engine.Containers.WaitAsync(id, Stop));
        await engine.Containers.KillAsync(id, "TERM", Stop);
        await engine.Containers.StopAsync(id, TimeSpan.FromSeconds(1), Stop);
        await engine.Containers.RemoveAsync(id, Stop);
        await engine.Containers.KillAsync(id, "KILL", Stop);
    }

    [Fact]
    public async Task A_container_that_does_not_end_in_time_is_killed()
    {
        using var engine = await OwnPodman.EngineAsync("life");
        var id = await StartedAsync(engine, Shell("life-3", "trap '' TERM; echo on; while true; do sleep 0.05; done"));
        await engine.Containers.StopAsync(id, TimeSpan.FromSeconds(1), Stop);
        var status = await engine.Containers.InspectAsync(id, Stop);
        Assert.Equal((ContainerPhase.Exited, 137), (status!.Phase, status.ExitCode));
        await engine.Containers.RemoveAsync(id, Stop);
    }

    [Fact]
    public async Task Memory_beyond_the_limit_ends_a_container_and_it_says_so()
    {
        using var engine = await OwnPodman.EngineAsync("life");
        var id = await StartedAsync(engine, Shell("life-4", "dd if=/dev/zero of=/dev/null bs=200M count=1") with
        {
            Limits = new ContainerLimits { MemoryBytes = 32 << 20, Cpus = 0.5, Processes = 50 },
        });
        await engine.Containers.WaitAsync(id, Stop);
        var status = await engine.Containers.InspectAsync(id, Stop);
        Assert.True(status!.OutOfMemory, $"exit code {status.ExitCode}");
        await engine.Containers.RemoveAsync(id, Stop);
    }

    [Fact]
    public async Task Folders_files_and_memory_are_mounted_as_asked()
    {
        using var engine = await OwnPodman.EngineAsync("life");
        var folder = Directory.CreateTempSubdirectory("capstan-mount-").FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "given"), "from here\n", Stop);
        var id = await StartedAsync(engine, Shell("life-5", "cat /read/given; echo kept >/write/made; echo no >/read/more || echo refused; echo x >/memory/y && cat /memory/y") with
        {
            Mounts = [new ContainerMount.Folder(folder, "/read", ReadOnly: true), new ContainerMount.Folder(folder, "/write"), new ContainerMount.Memory("/memory", 1 << 20)],
        });
        await engine.Containers.WaitAsync(id, Stop);
        var (output, _) = await LogAsync(engine, id);
        Assert.Equal("from here\nrefused\nx\n", output);
        Assert.Equal("kept\n", await File.ReadAllTextAsync(Path.Combine(folder, "made"), Stop));
        await engine.Containers.RemoveAsync(id, Stop);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Failures_say_what_is_missing()
    {
        using var engine = await OwnPodman.EngineAsync("life");
        var image = await Assert.ThrowsAsync<ContainerEngineException>(() => engine.Containers.CreateAsync(Shell("life-6", "true") with { Image = "localhost/nothing:1" }, Stop));
        Assert.Equal(EngineProblem.ImageNotFound, image.Problem);
        Assert.Contains("localhost/nothing:1", image.Message, StringComparison.Ordinal);

        var id = await engine.Containers.CreateAsync(Shell("life-6", "true") with { Entrypoint = ["/bin/not-there"] }, Stop);
        var program = await Assert.ThrowsAsync<ContainerEngineException>(() => engine.Containers.StartAsync(id, Stop));
        Assert.Equal(EngineProblem.Invalid, program.Problem);
        Assert.Contains("/bin/not-there", program.Message, StringComparison.Ordinal);

        var name = await Assert.ThrowsAsync<ContainerEngineException>(() => engine.Containers.CreateAsync(Shell("life-6", "true"), Stop));
        Assert.Contains("life-6", name.Message, StringComparison.Ordinal);
        await engine.Containers.RemoveAsync(id, Stop);
    }

    [Fact]
    public async Task Owners_do_not_see_each_other_and_reaping_takes_only_what_nobody_keeps()
    {
        using var one = await OwnPodman.EngineAsync("owner-1");
        using var other = await OwnPodman.EngineAsync("owner-2");
        var kept = await one.Containers.CreateAsync(Labelled("reap-1", "blue"), Stop);
        var gone = await one.Containers.CreateAsync(Labelled("reap-2", "blue"), Stop);
        var unasked = await one.Containers.CreateAsync(Labelled("reap-3", "red"), Stop);
        var foreign = await other.Containers.CreateAsync(Labelled("reap-4", "blue"), Stop);
        Assert.Null(await one.Containers.InspectAsync(foreign, Stop));

        var removed = await one.Containers.ReapAsync(new Dictionary<string, string> { ["colour"] = "blue" }, c => c.Id == kept, Stop);
        Assert.Equal([gone], removed.Select(r => r.Id));
        Assert.Equal([kept, unasked], (await one.Containers.ListAsync(null, Stop)).Select(c => c.Id).Order(StringComparer.Ordinal).OrderBy(i => i == kept ? 0 : 1));
        Assert.Equal([foreign], (await other.Containers.ListAsync(null, Stop)).Select(c => c.Id));

        await one.Containers.ReapAsync(null, _ => false, Stop);
        await other.Containers.ReapAsync(null, _ => false, Stop);
    }

    internal static ContainerSpec Shell(string name, string script) => new()
    {
        Name = name,
        Image = BusyboxImage.Name,
        Entrypoint = ["/bin/sh", "-c"],
        Arguments = [script],
    };

    internal static async Task<string> StartedAsync(ContainerEngine engine, ContainerSpec spec)
    {
        var id = await engine.Containers.CreateAsync(spec, Stop);
        await engine.Containers.StartAsync(id, Stop);
        return id;
    }

    internal static async Task<(string Output, string Errors)> LogAsync(ContainerEngine engine, string id)
    {
        using var stream = await engine.Containers.LogsAsync(id, new LogQuery(), Stop);
        return await ReadAsync(stream);
    }

    internal static async Task<(string Output, string Errors)> ReadAsync(ContainerStream stream)
    {
        var (output, errors) = (new MemoryStream(), new MemoryStream());
        await stream.ReadAllAsync((piece, _) =>
        {
            (piece.Kind == OutputKind.Error ? errors : output).Write(piece.Bytes.Span);
            return ValueTask.CompletedTask;
        }, Stop);
        return (Encoding.UTF8.GetString(output.ToArray()), Encoding.UTF8.GetString(errors.ToArray()));
    }

    private static ContainerSpec Labelled(string name, string colour) => Shell(name, "true") with { Labels = new Dictionary<string, string> { ["colour"] = colour } };
}
