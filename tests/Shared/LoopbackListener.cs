using System.Globalization;
using System.Net;

namespace Capstan.Testing;

/// <summary>Opens HTTP listeners on loopback for servers of tests.</summary>
internal static class LoopbackListener
{
    /// <summary>
    /// A listener that has started, and its address without a trailing slash. End it by closing it: closing one that was stopped binds its port once
    /// more, which somebody else may have by then.
    /// </summary>
    public static (HttpListener Listener, string Url) Open()
    {
        // A free port cannot be asked for; one that is taken is passed over.
        for (var port = Random.Shared.Next(20_000, 50_000); ; port++)
        {
            var url = $"http://127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}";

            // One that could not start cannot be used again.
            var listener = new HttpListener();
            listener.Prefixes.Add(url + "/");
            try
            {
                listener.Start();
                return (listener, url);
            }
            catch (HttpListenerException)
            {
                continue;
            }
        }
    }
}
