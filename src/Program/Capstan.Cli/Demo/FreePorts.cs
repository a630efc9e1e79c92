using System.Net;
using System.Net.Sockets;

namespace Capstan.Cli.Demo;

/// <summary>Ports of this machine's loopback that nobody listens on, at the moment of the question.</summary>
internal static class FreePorts
{
    private const int Tried = 200;

    /// <summary>The first free address from a port on; of any port where there is none.</summary>
    public static string Address(int from)
    {
        for (var port = from; port < from + Tried; port++)
        {
            if (IsFree(port)) return $"127.0.0.1:{port}";
        }

        return "127.0.0.1:0";
    }

    /// <summary>Whether nobody listens on a port.</summary>
    public static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
        {
            return false;
        }
    }
}
