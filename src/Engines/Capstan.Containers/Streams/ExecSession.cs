using Docker.DotNet;
using Docker.DotNet.Models;

namespace Capstan.Containers.Streams;

/// <summary>A program that runs in a container.</summary>
public sealed class ExecSession : IDisposable
{
    // The stream ends a moment before the engine knows the exit code; it is asked a few times, then at leisure.
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);

    private readonly DockerClient _client;
    private readonly EngineCall _call;
    private readonly string _id;
    private readonly string _what;

    internal ExecSession(DockerClient client, EngineCall call, string id, MultiplexedStream stream, string what)
    {
        (_client, _call, _id, _what) = (client, call, id, what);
        Stream = new ContainerStream(stream, call, what);
    }

    /// <summary>Its input and output.</summary>
    public ContainerStream Stream { get; }

    /// <summary>Waits until it has ended; <see cref="Stream"/> is read to its end before.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> ExitCodeAsync(CancellationToken cancellation)
    {
        var pause = FirstPause;
        while (true)
        {
            var state = await _call.QuickAsync(_what, token => _client.Exec.InspectContainerExecAsync(_id, token), cancellation).ConfigureAwait(false);
            if (!state.Running && state.ExitCode is { } code)
            {
                return (int)code;
            }

            await Task.Delay(pause, cancellation).ConfigureAwait(false);
            pause = pause < LongestPause ? pause * 2 : LongestPause;
        }
    }

    /// <summary>Tells a program with a terminal how large the terminal is.</summary>
    public Task ResizeAsync(int columns, int rows, CancellationToken cancellation) =>
        _call.QuickAsync(_what, token => _client.Exec.ResizeExecTtyAsync(_id, new ContainerResizeParameters { Width = columns, Height = rows }, token), cancellation);

    /// <summary>Lets the connection go. A program that still runs is not ended by that.</summary>
    public void Dispose() => Stream.Dispose();
}
