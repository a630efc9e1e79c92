using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace Capstan.Testing;

/// <summary>A web server on loopback that serves what a test puts into it, and remembers what it was asked.</summary>
internal sealed class StaticServer : IDisposable
{
    private readonly HttpListener _listener;
    private readonly Task _serving;

    public StaticServer()
    {
        (_listener, Url) = LoopbackListener.Open();
        _serving = Task.Run(ServeAsync);
    }

    public string Url { get; }

    /// <summary>Files by their path without the leading slash.</summary>
    public ConcurrentDictionary<string, byte[]> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>Where paths redirect to.</summary>
    public ConcurrentDictionary<string, string> Redirects { get; } = new(StringComparer.Ordinal);

    /// <summary>What was asked: path, Authorization, If-None-Match.</summary>
    public ConcurrentQueue<(string Path, string? Authorization, string? Condition)> Asked { get; } = new();

    /// <summary>The Authorization that is asked for; null for none.</summary>
    public string? Required { get; set; }

    public void Put(string path, string text) => Files[path] = Encoding.UTF8.GetBytes(text);

    public void Dispose()
    {
        _listener.Close();
        _serving.GetAwaiter().GetResult();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            Answer(context);
        }
    }

    private void Answer(HttpListenerContext context)
    {
        var path = context.Request.Url!.AbsolutePath[1..];
        var authorization = context.Request.Headers["Authorization"];
        Asked.Enqueue((path, authorization, context.Request.Headers["If-None-Match"]));
        using var response = context.Response;
        if (Redirects.TryGetValue(path, out var target))
        {
            (response.StatusCode, response.RedirectLocation) = (302, target);
        }
        else if (Required is not null && authorization != Required)
        {
            response.StatusCode = 401;
        }
        else if (!Files.TryGetValue(path, out var content))
        {
            response.StatusCode = 404;
        }
        else
        {
            var tag = $"\"{Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(content))[..16]}\"";
            response.AddHeader("ETag", tag);
            if (context.Request.Headers["If-None-Match"] == tag)
            {
                response.StatusCode = 304;
                return;
            }

            response.OutputStream.Write(content);
        }
    }
}
