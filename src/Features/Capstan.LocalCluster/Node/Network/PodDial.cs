using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Capstan.Containers.Discovery;

namespace Capstan.LocalCluster.Node.Network;

/// <summary>
/// Connects to a port of a pod as one who is inside it: a program that listens on the pod's loopback only is reached too, as by a kubelet.
/// That needs the kernel that the pod runs on and root; elsewhere the pod's address is called.
/// </summary>
internal static partial class PodDial
{
    private const int NetworkNamespace = 0x4000_0000;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>A connection to a port within a pod.</summary>
    /// <param name="engine">The engine that runs it.</param>
    /// <param name="processId">A process of the pod; 0 when none is known.</param>
    /// <param name="address">The pod's address, for where one cannot go inside.</param>
    /// <param name="port">The port.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <exception cref="SocketException">Nothing listens there, or nothing answered within ten seconds.</exception>
    public static async Task<Socket> ConnectAsync(EngineInfo engine, long processId, string address, int port, CancellationToken cancellation)
    {
        if (engine is not { SharesKernel: true, Rootless: false } || processId <= 0 || !Environment.IsPrivilegedProcess)
        {
            return await ConnectAsync(new Socket(SocketType.Stream, ProtocolType.Tcp), new IPEndPoint(IPAddress.Parse(address), port), cancellation).ConfigureAwait(false);
        }

        try
        {
            var socket = await InsideAsync(processId, AddressFamily.InterNetwork).ConfigureAwait(false);
            return await ConnectAsync(socket, new IPEndPoint(IPAddress.Loopback, port), cancellation).ConfigureAwait(false);
        }
        catch (SocketException refused) when (refused.SocketErrorCode == SocketError.ConnectionRefused)
        {
            var socket = await InsideAsync(processId, AddressFamily.InterNetworkV6).ConfigureAwait(false);
            return await ConnectAsync(socket, new IPEndPoint(IPAddress.IPv6Loopback, port), cancellation).ConfigureAwait(false);
        }
    }

    private static async Task<Socket> ConnectAsync(Socket socket, IPEndPoint to, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Limit);
        try
        {
            socket.NoDelay = true;
            await socket.ConnectAsync(to, limit.Token).ConfigureAwait(false);
            return socket;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            socket.Dispose();
            throw new SocketException((int)SocketError.TimedOut);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // A thread's network is its own: one that goes inside is not given back to the pool. A socket stays where it was made.
    private static Task<Socket> InsideAsync(long processId, AddressFamily family)
    {
        var made = new TaskCompletionSource<Socket>(TaskCreationOptions.RunContinuationsAsynchronously);
        var inside = new Thread(() =>
        {
            try
            {
                using var network = File.OpenHandle($"/proc/{processId}/ns/net");
                if (SetNamespace(network, NetworkNamespace) != 0)
                {
                    throw new SocketException((int)SocketError.NetworkUnreachable);
                }

                made.SetResult(new Socket(family, SocketType.Stream, ProtocolType.Tcp));
            }
            catch (Exception failure) when (failure is SocketException or IOException or UnauthorizedAccessException)
            {
                made.SetException(failure as SocketException ?? new SocketException((int)SocketError.HostDown));
            }
        });
        (inside.IsBackground, inside.Name) = (true, "pod network");
        inside.Start();
        return made.Task;
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(Microsoft.Win32.SafeHandles.SafeFileHandle file, int kind);
}
