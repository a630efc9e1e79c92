using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Capstan.Containers.Networks;

/// <summary>
/// An address of this machine, seen from within a container's own network: a listener there, held by this process, that passes each connection on.
/// The container gets no way to anything else of the machine, and nothing is mounted into it.
/// </summary>
/// <remarks>
/// A socket belongs to the network in which it was made, whoever holds it (network_namespaces(7)): one thread enters the container's network for the one
/// call that makes the socket. That wants root, and containers that run on this very kernel.
/// </remarks>
public sealed partial class ContainerDoor : IAsyncDisposable
{
    private const int MostConnections = 256;
    private const int Backlog = 64;
    private readonly Socket _listener;
    private readonly IPEndPoint _outside;
    private readonly CancellationTokenSource _ending = new();
    private readonly SemaphoreSlim _room = new(MostConnections);
    private readonly Task _accepting;

    private ContainerDoor(Socket listener, IPEndPoint outside)
    {
        (_listener, _outside) = (listener, outside);
        _accepting = AcceptAsync();
    }

    /// <summary>Opens one.</summary>
    /// <param name="processId">The container's first process, as this machine numbers it (<see cref="Containers.ContainerStatus.ProcessId"/>).</param>
    /// <param name="inside">Where it listens within; a loopback address.</param>
    /// <param name="outside">Where connections go.</param>
    /// <exception cref="ContainerEngineException">Refused: this process may not enter the container's network, or the port is taken there.</exception>
    public static async Task<ContainerDoor> OpenAsync(long processId, IPEndPoint inside, IPEndPoint outside)
    {
        if (!OperatingSystem.IsLinux()) throw new ContainerEngineException(EngineProblem.Refused, "a container's network can only be entered on Linux");
        // The thread takes microseconds, and may not be one of the pool: what it starts while it is elsewhere would stay there.
        var handle = await Task.Run(() => MakeSocketIn(processId, inside.AddressFamily)).ConfigureAwait(false);
        var listener = new Socket(handle);
        try
        {
            listener.Bind(inside);
            listener.Listen(Backlog);
            return new ContainerDoor(listener, outside);
        }
        catch (SocketException failure)
        {
            listener.Dispose();
            throw new ContainerEngineException(EngineProblem.Refused, $"the container's address {inside} cannot be listened on ({failure.Message})", failure);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // Every connection gives its place back when it has ended.
        for (var i = 0; i < MostConnections; i++) await _room.WaitAsync().ConfigureAwait(false);
        _room.Dispose();
        _ending.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_ending.IsCancellationRequested)
        {
            await _room.WaitAsync(_ending.Token).ConfigureAwait(false);
            Socket? connection = null;
            try
            {
                connection = await _listener.AcceptAsync(_ending.Token).ConfigureAwait(false);
            }
            finally
            {
                if (connection is null) _room.Release();
            }

            _ = PassOnAsync(connection);
        }
    }

    private async Task PassOnAsync(Socket from)
    {
        try
        {
            using var to = new Socket(_outside.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            await to.ConnectAsync(_outside, _ending.Token).ConfigureAwait(false);
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token);
            await Task.WhenAll(CopyAsync(from, to, ending), CopyAsync(to, from, ending)).ConfigureAwait(false);
        }
        catch (Exception broken) when (broken is SocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // Either side has gone: the other one sees its connection end, as without us.
            return;
        }
        finally
        {
            from.Dispose();
            _room.Release();
        }
    }

    // The end of one direction is passed on while the other one goes on: requests end before their answers do. What breaks ends both.
    private static async Task CopyAsync(Socket from, Socket to, CancellationTokenSource ending)
    {
        try
        {
            var buffer = new byte[32 * 1024];
            int read;
            while ((read = await from.ReceiveAsync(buffer, ending.Token).ConfigureAwait(false)) > 0)
            {
                for (var sent = 0; sent < read;) sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), ending.Token).ConfigureAwait(false);
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch
        {
            await ending.CancelAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static SafeSocketHandle MakeSocketIn(long processId, AddressFamily family)
    {
        SafeSocketHandle? made = null;
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                made = Elsewhere(processId, family);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                failure = e;
            }
        })
        { IsBackground = true };
        thread.Start();
        thread.Join();
        return made ?? throw new ContainerEngineException(EngineProblem.Refused, $"the container's network cannot be entered ({failure?.Message ?? "the thread ended"}); that wants root, and an engine of this machine", failure);
    }

    private static SafeSocketHandle Elsewhere(long processId, AddressFamily family)
    {
        const int newNetwork = 0x40000000, stream = 1, closeOnExec = 0x80000;
        using var there = File.OpenHandle($"/proc/{processId}/ns/net");
        using var here = File.OpenHandle("/proc/thread-self/ns/net");
        if (SetNamespace(there.DangerousGetHandle().ToInt32(), newNetwork) != 0) throw new IOException(Marshal.GetLastPInvokeErrorMessage());
        var socket = MakeSocket(family == AddressFamily.InterNetworkV6 ? 10 : 2, stream | closeOnExec, 0);
        var problem = socket < 0 ? Marshal.GetLastPInvokeErrorMessage() : "";
        // The thread ends anyway; nothing may be started from it while it is elsewhere.
        if (SetNamespace(here.DangerousGetHandle().ToInt32(), newNetwork) != 0) problem = $"no way back: {Marshal.GetLastPInvokeErrorMessage()}";
        return problem.Length == 0 ? new SafeSocketHandle(socket, ownsHandle: true) : throw new IOException(problem);
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(int handle, int kind);

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int MakeSocket(int family, int kind, int protocol);
}
