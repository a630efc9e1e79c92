using System.Globalization;
using System.Net;
using System.Text;
using Capstan.Sources.Processes;

namespace Capstan.GitHost.Tests.Reference;

/// <summary>
/// Git's own server of smart HTTP, <c>git http-backend</c>, called as a web server calls a CGI program (RFC 3875). It is the judge of what
/// our host answers.
/// </summary>
internal sealed class HttpBackend(string root, ProcessRunner runner)
{
    /// <summary>Why there is no judge on this machine; null when there is one.</summary>
    public static string? Missing { get; } = Locate() is null ? "no git http-backend beside git" : null;

    /// <summary>Sends one request.</summary>
    public async Task<HttpAnswer> SendAsync(HttpAsk ask, CancellationToken cancellation)
    {
        var question = ask.Path.IndexOf('?', StringComparison.Ordinal);
        var variables = new Dictionary<string, string>
        {
            ["GIT_PROJECT_ROOT"] = root,
            ["GIT_HTTP_EXPORT_ALL"] = "1",
            ["GIT_CONFIG_NOSYSTEM"] = "1",
            ["GIT_CONFIG_GLOBAL"] = "/dev/null",
            ["HOME"] = root,
            ["LC_ALL"] = "C",
            ["REMOTE_USER"] = "judge",
            ["REMOTE_ADDR"] = "127.0.0.1",
            ["GATEWAY_INTERFACE"] = "CGI/1.1",
            ["SERVER_PROTOCOL"] = "HTTP/1.1",
            ["REQUEST_METHOD"] = ask.Method,
            ["PATH_INFO"] = question < 0 ? ask.Path : ask.Path[..question],
            ["QUERY_STRING"] = question < 0 ? "" : ask.Path[(question + 1)..],
            ["CONTENT_LENGTH"] = ask.Body.Length.ToString(CultureInfo.InvariantCulture),
        };
        Set("CONTENT_TYPE", ask.ContentType);
        Set("HTTP_CONTENT_ENCODING", ask.ContentEncoding);
        Set("GIT_PROTOCOL", ask.Protocol);
        Configure(variables);
        var result = await runner.RunAsync(new ProgramCall(Locate()!, []) { Environment = variables, Input = ask.Body, TimeLimit = TimeSpan.FromMinutes(1) }, cancellation);
        return Read(result.Output.Span);

        void Set(string name, string? value)
        {
            if (value is not null)
            {
                variables[name] = value;
            }
        }
    }

    // What our host asks of git for every repository, so that both serve the same.
    private static void Configure(Dictionary<string, string> variables)
    {
        (string, string)[] settings =
        [
            ("http.receivepack", "true"), ("http.getanyfile", "false"), ("safe.directory", "*"), ("gc.auto", "0"), ("receive.fsckObjects", "true"),
            ("uploadpack.allowFilter", "true"), ("uploadpack.allowReachableSHA1InWant", "true"), ("receive.denyDeleteCurrent", "warn"),
            ("transfer.hideRefs", "refs/capstan"), ("uploadpackfilter.allow", "false"), ("uploadpackfilter.blob:none.allow", "true"),
            ("uploadpackfilter.tree.allow", "true"), ("uploadpackfilter.blob:limit.allow", "true"), ("uploadpackfilter.object:type.allow", "true"),
            ("uploadpackfilter.combine.allow", "true"),
        ];
        for (var i = 0; i < settings.Length; i++)
        {
            variables[string.Create(CultureInfo.InvariantCulture, $"GIT_CONFIG_KEY_{i}")] = settings[i].Item1;
            variables[string.Create(CultureInfo.InvariantCulture, $"GIT_CONFIG_VALUE_{i}")] = settings[i].Item2;
        }

        variables["GIT_CONFIG_COUNT"] = settings.Length.ToString(CultureInfo.InvariantCulture);
    }

    private static HttpAnswer Read(ReadOnlySpan<byte> output)
    {
        var end = output.IndexOf("\r\n\r\n"u8);
        var (status, type) = (HttpStatusCode.OK, (string?)null);
        foreach (var line in Encoding.ASCII.GetString(output[..Math.Max(end, 0)]).Split("\r\n"))
        {
            if (line.StartsWith("Status: ", StringComparison.Ordinal))
            {
                status = (HttpStatusCode)int.Parse(line.AsSpan(8, 3), CultureInfo.InvariantCulture);
            }
            else if (line.StartsWith("Content-Type: ", StringComparison.Ordinal))
            {
                type = line[14..];
            }
        }

        return new HttpAnswer(status, type, end < 0 ? [] : output[(end + 4)..].ToArray());
    }

    private static string? Locate() =>
        ((string[])["/usr/lib/git-core/git-http-backend", "/usr/libexec/git-core/git-http-backend"]).FirstOrDefault(File.Exists);
}

/// <summary>A request to either server.</summary>
internal sealed record HttpAsk(string Method, string Path)
{
    public string? ContentType { get; init; }

    public string? ContentEncoding { get; init; }

    public string? Protocol { get; init; }

    public byte[] Body { get; init; } = [];
}

/// <summary>What a server answered.</summary>
internal sealed record HttpAnswer(HttpStatusCode Status, string? ContentType, byte[] Body);
