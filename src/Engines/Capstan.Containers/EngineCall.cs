using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Docker.DotNet;

namespace Capstan.Containers;

/// <summary>The one way in which the engine is asked: with a time limit, and failures in our words.</summary>
internal sealed class EngineCall(Uri address, TimeProvider time)
{
    /// <summary>How long a question may take that the engine answers from what it has.</summary>
    private static readonly TimeSpan Quick = TimeSpan.FromMinutes(2);

    /// <summary>Asks something that does not take long by its nature.</summary>
    public async Task<T> QuickAsync<T>(string what, Func<CancellationToken, Task<T>> ask, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(Quick, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            return await LongAsync(what, ask, both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new ContainerEngineException(EngineProblem.Unreachable, $"{what}: the engine at {address} did not answer within {Quick.TotalSeconds:0} s");
        }
    }

    /// <summary>Asks something that does not take long by its nature, and has no answer.</summary>
    public Task QuickAsync(string what, Func<CancellationToken, Task> ask, CancellationToken cancellation) =>
        QuickAsync(what, async token =>
        {
            await ask(token).ConfigureAwait(false);
            return true;
        }, cancellation);

    /// <summary>Asks something that may take as long as the caller lets it.</summary>
    public async Task<T> LongAsync<T>(string what, Func<CancellationToken, Task<T>> ask, CancellationToken cancellation)
    {
        try
        {
            return await ask(cancellation).ConfigureAwait(false);
        }
        catch (Exception failure) when (Translate(what, failure) is { } translated)
        {
            throw translated;
        }
    }

    /// <summary>A failure of the client in our words; null for what is none of the engine's.</summary>
    public ContainerEngineException? Translate(string what, Exception failure) => failure switch
    {
        ContainerEngineException => null,
        DockerImageNotFoundException image => Make(EngineProblem.ImageNotFound, what, image),
        DockerApiException answer => Make(ProblemOf(answer), what, answer),
        HttpRequestException or SocketException or TimeoutException or IOException =>
            new ContainerEngineException(EngineProblem.Unreachable, $"{what}: the engine at {address} cannot be reached ({Innermost(failure).Message}); is it running?", failure),
        _ => null,
    };

    private static EngineProblem ProblemOf(DockerApiException answer) => answer.StatusCode switch
    {
        HttpStatusCode.NotFound => SaysImage(answer.ResponseBody) ? EngineProblem.ImageNotFound : EngineProblem.NotFound,
        HttpStatusCode.Conflict or HttpStatusCode.NotModified => EngineProblem.Conflict,
        HttpStatusCode.BadRequest => EngineProblem.Invalid,
        HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized => EngineProblem.Refused,

        // Podman answers 500 where Docker answers 409: the container has ended.
        _ when SaysEnded(answer.ResponseBody) => EngineProblem.Conflict,

        // And 500 where Docker answers 400: the program is not in the image, the folder is not there.
        _ when SaysInvalid(answer.ResponseBody) => EngineProblem.Invalid,
        _ => EngineProblem.Failed,
    };

    private static bool SaysImage(string? body) =>
        body is not null && (body.Contains("No such image", StringComparison.OrdinalIgnoreCase) || body.Contains("image not known", StringComparison.OrdinalIgnoreCase));

    private static bool SaysEnded(string? body) => body?.Contains("container state improper", StringComparison.Ordinal) == true;

    private static bool SaysInvalid(string? body) =>
        body is not null && (body.Contains("executable file not found", StringComparison.Ordinal) || body.Contains("no such file or directory", StringComparison.OrdinalIgnoreCase)
            || body.Contains("permission denied", StringComparison.OrdinalIgnoreCase) || body.Contains("not a directory", StringComparison.OrdinalIgnoreCase));

    private static ContainerEngineException Make(EngineProblem problem, string what, DockerApiException answer) =>
        new(problem, $"{what}: {Said(answer)}", answer);

    private static string Said(DockerApiException answer)
    {
        var body = (answer.ResponseBody ?? "").Trim();
        if (body.StartsWith('{'))
        {
            try
            {
                using var document = JsonDocument.Parse(body);
                if (document.RootElement.TryGetProperty("message", out var message) && message.ValueKind == JsonValueKind.String && message.GetString() is { Length: > 0 } text)
                {
                    return text.Trim();
                }
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException)
            {
                // No JSON after all, or half of a surrogate pair: what the engine said is told as it is.
                return body;
            }
        }

        return body.Length > 0 ? body : $"the engine answered {(int)answer.StatusCode} {answer.StatusCode}";
    }

    private static Exception Innermost(Exception failure)
    {
        while (failure.InnerException is { } inner)
        {
            failure = inner;
        }

        return failure;
    }
}
