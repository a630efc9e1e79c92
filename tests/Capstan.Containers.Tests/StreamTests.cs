using System.Formats.Tar;
using System.Text;
using Capstan.Containers.Containers;
using Capstan.Containers.Streams;
using Capstan.Testing;
using static Capstan.Containers.Tests.ContainerLifeTests;

namespace Capstan.Containers.Tests;

public class StreamTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_program_run_in_a_container_gets_its_input_and_gives_output_errors_and_exit_code()
    {
        using var engine = await OwnPodman.EngineAsync("streams");
        var id = await StartedAsync(engine, Shell("exec-1", "sleep 3600"));
        var spec = new ExecSpec(["sh", "-c", "echo $COLOUR $(pwd) $(id -u); cat; echo bad >&2; exit 9"])
        {
            Environment = new Dictionary<string, string> { ["COLOUR"] = "green" },
            WorkingFolder = "/tmp",
            User = "1000",
            Input = true,
        };
        using (var session = await engine.Containers.ExecAsync(id, spec, Stop))
        {
            await session.Stream.WriteAsync("typed\n"u8.ToArray(), Stop);
            session.Stream.CloseInput();
            Assert.Equal(("green /tmp 1000\ntyped\n", "bad\n"), await ReadAsync(session.Stream));
            Assert.Equal(9, await session.ExitCodeAsync(Stop));
        }

        await engine.Containers.RemoveAsync(id, Stop);
    }

    [Fact]
    public async Task Output_comes_while_the_program_still_runs()
    {
        using var engine = await OwnPodman.EngineAsync("streams");
        var id = await StartedAsync(engine, Shell("exec-2", "sleep 3600"));
        using (var session = await engine.Containers.ExecAsync(id, new ExecSpec(["sh", "-c", "echo first; read line; echo got $line"]) { Input = true }, Stop))
        {
            var first = await session.Stream.ReadAsync(Stop);
            Assert.Equal("first\n", Encoding.UTF8.GetString(first!.Value.Bytes.Span));
            await session.Stream.WriteAsync("second\n"u8.ToArray(), Stop);
            Assert.Equal("got second\n", (await ReadAsync(session.Stream)).Output);
        }

        await engine.Containers.RemoveAsync(id, Stop);
    }

    [Fact]
    public async Task A_terminal_mixes_output_and_errors_and_knows_its_size()
    {
        using var engine = await OwnPodman.EngineAsync("streams");
        var id = await StartedAsync(engine, Shell("exec-3", "sleep 3600"));
        using (var session = await engine.Containers.ExecAsync(id, new ExecSpec(["sh", "-c", "test -t 0 && echo terminal; read x; stty size; echo wrong >&2"]) { Terminal = true, Input = true }, Stop))
        {
            await session.ResizeAsync(columns: 101, rows: 33, Stop);

            // A terminal echoes at once what is typed, be it before what the program says first.
            var said = "";
            while (!said.EndsWith('\n'))
            {
                said += Encoding.UTF8.GetString((await session.Stream.ReadAsync(Stop))!.Value.Bytes.Span);
            }

            await session.Stream.WriteAsync("\n"u8.ToArray(), Stop);
            var (output, errors) = await ReadAsync(session.Stream);
            Assert.Equal("terminal\r\n\r\n33 101\r\nwrong\r\n", said + output);
            Assert.Equal("", errors);
        }

        await engine.Containers.RemoveAsync(id, Stop);
    }

    [Fact]
    public async Task A_megabyte_goes_in_and_comes_out_whole()
    {
        using var engine = await OwnPodman.EngineAsync("streams");
        var id = await StartedAsync(engine, Shell("exec-4", "sleep 3600"));
        var sent = new byte[1_000_003];
        new Random(1).NextBytes(sent);
        var received = new MemoryStream();
        using (var session = await engine.Containers.ExecAsync(id, new ExecSpec(["cat"]) { Input = true }, Stop))
        {
            var writing = Task.Run(async () =>
            {
                for (var at = 0; at < sent.Length; at += 20_000) await session.Stream.WriteAsync(sent.AsMemory(at, Math.Min(20_000, sent.Length - at)), Stop);
                session.Stream.CloseInput();
            }, Stop);
            await session.Stream.ReadAllAsync((piece, _) =>
            {
                received.Write(piece.Bytes.Span);
                return ValueTask.CompletedTask;
            }, Stop);
            await writing;
        }

        Assert.True(sent.AsSpan().SequenceEqual(received.ToArray()));
        await engine.Containers.RemoveAsync(id, Stop);
    }

    [Fact]
    public async Task A_log_is_followed_until_the_container_ends_and_its_last_lines_can_be_asked_for()
    {
        using var engine = await OwnPodman.EngineAsync("streams");
        var id = await StartedAsync(engine, Shell("logs-1", "for i in 1 2 3 4; do echo line $i; sleep 0.1; done"));
        using (var following = await engine.Containers.LogsAsync(id, new LogQuery { Follow = true }, Stop))
        {
            Assert.Equal("line 1\nline 2\nline 3\nline 4\n", (await ReadAsync(following)).Output);
        }

        using (var tail = await engine.Containers.LogsAsync(id, new LogQuery { Tail = 2, Timestamps = true }, Stop))
        {
            var lines = (await ReadAsync(tail)).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(["line 3", "line 4"], lines.Select(l => l[(l.IndexOf(' ', StringComparison.Ordinal) + 1)..]));
            Assert.All(lines, l => Assert.True(DateTimeOffset.TryParse(l.Split(' ')[0], out _), l));
        }

        await engine.Containers.RemoveAsync(id, Stop);
    }

    [Fact]
    public async Task Attaching_reaches_the_first_program()
    {
        using var engine = await OwnPodman.EngineAsync("streams");
        var id = await engine.Containers.CreateAsync(Shell("attach-1", "read line; echo heard $line") with { Input = true }, Stop);
        using (var stream = await AttachedAsync(engine, id))
        {
            await stream.WriteAsync("knock\n"u8.ToArray(), Stop);
            Assert.Equal("heard knock\n", (await ReadAsync(stream)).Output);
        }

        await engine.Containers.RemoveAsync(id, Stop);

        static async Task<ContainerStream> AttachedAsync(ContainerEngine engine, string id)
        {
            await engine.Containers.StartAsync(id, Stop);
            return await engine.Containers.AttachAsync(id, input: true, Stop);
        }
    }

    [Theory]
    [InlineData("sleep 3600")]
    [InlineData("echo on; sleep 3600")]
    public async Task Following_a_log_ends_at_once_when_it_is_cancelled(string script)
    {
        using var engine = await OwnPodman.EngineAsync("streams");
        var id = await StartedAsync(engine, Shell($"logs-{script.Length}", script));
        using var leaving = new CancellationTokenSource();
        var following = Task.Run(async () =>
        {
            // Engines answer only when the first line is there.
            using var stream = await engine.Containers.LogsAsync(id, new LogQuery { Follow = true }, leaving.Token);
            while (await stream.ReadAsync(leaving.Token) is not null) leaving.CancelAfter(TimeSpan.FromMilliseconds(10));
        }, Stop);
        if (script.StartsWith("sleep", StringComparison.Ordinal)) leaving.CancelAfter(TimeSpan.FromMilliseconds(100));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => following.WaitAsync(TimeSpan.FromSeconds(60), Stop));
        await engine.Containers.RemoveAsync(id, Stop);
    }

    [Fact]
    public async Task Files_go_in_and_come_out_as_archives_before_the_container_runs_and_while_it_does()
    {
        using var engine = await OwnPodman.EngineAsync("streams");
        var id = await engine.Containers.CreateAsync(Shell("archive-1", "cat /tmp/given/file; sleep 3600"), Stop);
        var archive = new MemoryStream();
        await using (var tar = new TarWriter(archive, leaveOpen: true))
        {
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, "given/file") { DataStream = new MemoryStream("put before\n"u8.ToArray()) }, Stop);
        }

        archive.Position = 0;
        await engine.Containers.PutArchiveAsync(id, "/tmp", archive, Stop);
        await engine.Containers.StartAsync(id, Stop);
        await using (var got = await engine.Containers.GetArchiveAsync(id, "/tmp/given", Stop))
        {
            await using var tar = new TarReader(got);
            var names = new List<string>();
            while (await tar.GetNextEntryAsync(copyData: true, Stop) is { } entry) names.Add($"{entry.EntryType} {entry.Name.TrimEnd('/')} {entry.Length}");
            Assert.Equal(["Directory given 0", "RegularFile given/file 11"], names);
        }

        var missing = await Assert.ThrowsAsync<ContainerEngineException>(() => engine.Containers.GetArchiveAsync(id, "/not/there", Stop));
        Assert.Equal(EngineProblem.NotFound, missing.Problem);
        await engine.Containers.RemoveAsync(id, Stop);
    }
}
