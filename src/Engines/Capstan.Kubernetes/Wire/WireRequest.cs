using System.Net.Http.Headers;

namespace Capstan.Kubernetes;

/// <summary>Whether a request may be sent again when it is not known what became of it.</summary>
internal enum Repeat
{
    /// <summary>It is idempotent.</summary>
    Always,

    /// <summary>It names what it creates: a second try answers AlreadyExists, which the caller can judge.</summary>
    Creates,

    /// <summary>Only when the server surely did not see it.</summary>
    IfNeverSent,
}

/// <summary>One request to an API server.</summary>
internal sealed record WireRequest(HttpMethod Method, string Path, string What)
{
    public ReadOnlyMemory<byte>? Body { get; init; }

    public string ContentType { get; init; } = "application/json";

    public string Accept { get; init; } = "application/json";

    public Repeat Repeat { get; init; } = Repeat.Always;

    /// <summary>Bytes of an answer that are read before it is refused.</summary>
    public int LargestAnswer { get; init; } = 64 * 1024 * 1024;

    /// <summary>How often it is sent in all; loops with a back-off of their own say 1.</summary>
    public int Tries { get; init; } = 8;

    public HttpRequestMessage ToMessage(Uri server, AuthenticationHeaderValue? authorization)
    {
        var message = new HttpRequestMessage(Method, new Uri(server, Path))
        {
            Version = System.Net.HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        message.Headers.TryAddWithoutValidation("Accept", Accept);
        message.Headers.TryAddWithoutValidation("User-Agent", "capstan");
        message.Headers.Authorization = authorization;
        if (Body is { } body)
        {
            message.Content = new ReadOnlyMemoryContent(body);
            message.Content.Headers.TryAddWithoutValidation("Content-Type", ContentType);
        }

        return message;
    }
}

/// <summary>A whole answer.</summary>
internal sealed record WireResponse(System.Net.HttpStatusCode Status, ReadOnlyMemory<byte> Body, IReadOnlyList<string> Warnings);
