using System.Net.Sockets;
using System.Text;

namespace Capstan.Registry.Tests;

/// <summary>Requests that no HTTP library would send.</summary>
internal sealed class RawRequests(Uri address, string token) : IDisposable
{
    private readonly TcpClient _client = new(address.Host, address.Port);

    private string Head(string line, int length) =>
        $"{line}\r\nHost: {address.Authority}\r\nAuthorization: Basic {Convert.ToBase64String(Encoding.ASCII.GetBytes("admin:" + token))}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n";

    public async Task<string> SendAsync(string line)
    {
        var stream = _client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(Head(line, 0)));
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync();
    }

    /// <summary>Says that it sends so many bytes, and sends fewer.</summary>
    public Task SendPartAsync(string line, int length, string part) =>
        _client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(Head(line, length) + part)).AsTask();

    public void Dispose() => _client.Dispose();
}

internal static class Eventually
{
    public static async Task TrueAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await condition()) await Task.Delay(20, limit.Token);
    }
}
