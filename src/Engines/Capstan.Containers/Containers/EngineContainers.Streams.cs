using System.Globalization;
using Capstan.Containers.Streams;
using Docker.DotNet.Models;

namespace Capstan.Containers.Containers;

/// <summary>Which lines of a log are wanted.</summary>
public sealed record LogQuery
{
    /// <summary>Whether to wait for what is written later, until the container ends.</summary>
    public bool Follow { get; init; }

    /// <summary>Only so many of the last lines; null for all.</summary>
    public long? Tail { get; init; }

    /// <summary>Only what was written since; null for everything.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Whether each line begins with its time (RFC 3339 with nanoseconds).</summary>
    public bool Timestamps { get; init; }
}

/// <summary>What goes into containers and comes out of them.</summary>
public sealed partial class EngineContainers
{
    /// <summary>Starts a program in a running container.</summary>
    /// <exception cref="ContainerEngineException">The container does not run, or has no such program (engines tell it also by exit code 126 or 127).</exception>
    public async Task<ExecSession> ExecAsync(string id, ExecSpec spec, CancellationToken cancellation)
    {
        var what = $"container {Short(id)}: running {(spec.Command.Count > 0 ? spec.Command[0] : "nothing")}";
        var parameters = new ContainerExecCreateParameters
        {
            Cmd = [.. spec.Command],
            Env = [.. spec.Environment.Select(e => $"{e.Key}={e.Value}")],
            WorkingDir = spec.WorkingFolder,
            User = spec.User,
            TTY = spec.Terminal,
            AttachStdin = spec.Input,
            AttachStdout = spec.Output,
            AttachStderr = spec.Error && !spec.Terminal,
        };
        var made = await _call.QuickAsync(what, token => _client.Exec.CreateContainerExecAsync(id, parameters, token), cancellation).ConfigureAwait(false);
        var stream = await _call.LongAsync(what, token => _client.Exec.StartContainerExecAsync(made.ID, new ContainerExecStartParameters { TTY = spec.Terminal }, token), cancellation).ConfigureAwait(false);
        return new ExecSession(_client, _call, made.ID, stream, what);
    }

    /// <summary>Runs a program in a running container to its end.</summary>
    /// <param name="id">The container.</param>
    /// <param name="spec">The program.</param>
    /// <param name="take">Takes each piece of output as it is written.</param>
    /// <param name="cancellation">Lets the program go; ending it is up to whoever ends the container.</param>
    /// <returns>Its exit code.</returns>
    public async Task<int> RunAsync(string id, ExecSpec spec, Func<OutputPiece, CancellationToken, ValueTask> take, CancellationToken cancellation)
    {
        using var session = await ExecAsync(id, spec, cancellation).ConfigureAwait(false);
        await session.Stream.ReadAllAsync(take, cancellation).ConfigureAwait(false);
        return await session.ExitCodeAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>What a container has written.</summary>
    public async Task<ContainerStream> LogsAsync(string id, LogQuery query, CancellationToken cancellation)
    {
        var what = $"container {Short(id)}: reading its log";
        var parameters = new ContainerLogsParameters
        {
            ShowStdout = true,
            ShowStderr = true,
            Follow = query.Follow,
            Timestamps = query.Timestamps,
            Tail = query.Tail?.ToString(CultureInfo.InvariantCulture) ?? "all",
            Since = query.Since is { } since ? (since.ToUnixTimeMilliseconds() / 1000m).ToString(CultureInfo.InvariantCulture) : null,
        };
        var stream = await _call.LongAsync(what, token => _client.Containers.GetContainerLogsAsync(id, parameters, token), cancellation).ConfigureAwait(false);
        return new ContainerStream(stream, _call, what);
    }

    /// <summary>Joins a container's streams: what it writes from now on, and its input where that is open.</summary>
    public async Task<ContainerStream> AttachAsync(string id, bool input, CancellationToken cancellation)
    {
        var what = $"container {Short(id)}: attaching to it";
        var parameters = new ContainerAttachParameters { Stream = true, Stdout = true, Stderr = true, Stdin = input };
        var stream = await _call.LongAsync(what, token => _client.Containers.AttachContainerAsync(id, parameters, token), cancellation).ConfigureAwait(false);
        return new ContainerStream(stream, _call, what);
    }

    /// <summary>Tells a container with a terminal how large the terminal is.</summary>
    public Task ResizeAsync(string id, int columns, int rows, CancellationToken cancellation) => _call.QuickAsync(
        $"container {Short(id)}: resizing its terminal",
        token => _client.Containers.ResizeContainerTtyAsync(id, new ContainerResizeParameters { Width = columns, Height = rows }, token), cancellation);

    /// <summary>Puts files into a container, running or not.</summary>
    /// <param name="id">The container.</param>
    /// <param name="folder">A folder that is there; the archive's paths are beneath it.</param>
    /// <param name="archive">A tar archive, plain or compressed.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    public Task PutArchiveAsync(string id, string folder, Stream archive, CancellationToken cancellation) => _call.LongAsync(
        $"container {Short(id)}: putting files into {folder}",
        async token =>
        {
            await _client.Containers.ExtractArchiveToContainerAsync(id, new CopyToContainerParameters { Path = folder }, archive, token).ConfigureAwait(false);
            return true;
        },
        cancellation);

    /// <summary>Takes a file or folder out of a container, running or not.</summary>
    /// <returns>A tar archive whose first path is the last part of <paramref name="path"/>; the caller disposes it.</returns>
    /// <exception cref="ContainerEngineException">NotFound: there is no such path.</exception>
    public async Task<Stream> GetArchiveAsync(string id, string path, CancellationToken cancellation)
    {
        var got = await _call.LongAsync(
            $"container {Short(id)}: taking {path}",
            token => _client.Containers.GetArchiveFromContainerAsync(id, new ContainerPathStatParameters { Path = path }, statOnly: false, token), cancellation).ConfigureAwait(false);
        return got.Stream ?? Stream.Null;
    }
}
