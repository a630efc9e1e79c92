using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;

namespace Capstan.Testing;

/// <summary>Git's own server of smart HTTP (<c>git http-backend</c>) on loopback, over the bare repositories of a folder.</summary>
internal sealed class GitHttpServer : IAsyncDisposable
{
    private static readonly string[] Places = ["/usr/lib/git-core/git-http-backend", "/usr/libexec/git-core/git-http-backend"];

    private readonly HttpListener _listener;
    private readonly string _root;
    private readonly Task _serving;

    public GitHttpServer(string root)
    {
        _root = root;
        (_listener, Url) = LoopbackListener.Open();
        _serving = ServeAsync();
    }

    /// <summary>The program; null where git has none.</summary>
    public static string? Program { get; } = Places.FirstOrDefault(File.Exists);

    public string Url { get; }

    /// <summary>How many requests were answered.</summary>
    public int Asked { get; private set; }

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _serving;
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

            Asked++;
            using var response = context.Response;
            await AnswerAsync(context.Request, response);
        }
    }

    // As a web server calls a CGI program (RFC 3875).
    private async Task AnswerAsync(HttpListenerRequest request, HttpListenerResponse response)
    {
        using var body = new MemoryStream();
        await request.InputStream.CopyToAsync(body);
        var start = new ProcessStartInfo(Program!) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        (string Name, string? Value)[] variables =
        [
            ("GIT_PROJECT_ROOT", _root), ("GIT_HTTP_EXPORT_ALL", "1"), ("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_CONFIG_GLOBAL", "/dev/null"), ("HOME", _root),
            ("GIT_CONFIG_COUNT", "1"), ("GIT_CONFIG_KEY_0", "safe.directory"), ("GIT_CONFIG_VALUE_0", "*"),
            ("REMOTE_ADDR", "127.0.0.1"), ("GATEWAY_INTERFACE", "CGI/1.1"), ("SERVER_PROTOCOL", "HTTP/1.1"), ("REQUEST_METHOD", request.HttpMethod),
            ("PATH_INFO", request.Url!.AbsolutePath), ("QUERY_STRING", request.Url.Query.TrimStart('?')), ("CONTENT_LENGTH", body.Length.ToString(CultureInfo.InvariantCulture)),
            ("CONTENT_TYPE", request.ContentType), ("HTTP_CONTENT_ENCODING", request.Headers["Content-Encoding"]), ("GIT_PROTOCOL", request.Headers["Git-Protocol"]),
        ];
        foreach (var (name, value) in variables.Where(v => v.Value is not null))
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        using var answer = new MemoryStream();
        var reading = process.StandardOutput.BaseStream.CopyToAsync(answer);
        var complaints = process.StandardError.ReadToEndAsync();
        await process.StandardInput.BaseStream.WriteAsync(body.ToArray());
        process.StandardInput.Close();
        await reading;
        _ = await complaints;
        await process.WaitForExitAsync();

        var bytes = answer.ToArray();
        var end = bytes.AsSpan().IndexOf("\r\n\r\n"u8);
        foreach (var line in Encoding.ASCII.GetString(bytes, 0, Math.Max(end, 0)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = (line[..line.IndexOf(':', StringComparison.Ordinal)], line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim());
            if (name == "Status")
            {
                response.StatusCode = int.Parse(value[..3], CultureInfo.InvariantCulture);
            }
            else
            {
                response.AddHeader(name, value);
            }
        }

        await response.OutputStream.WriteAsync(bytes.AsMemory(end + 4));
    }
}
