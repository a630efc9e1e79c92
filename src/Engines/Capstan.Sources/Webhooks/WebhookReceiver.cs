using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Capstan.Sources.Webhooks;

/// <summary>Checks and reads webhook calls. The signature is checked over the raw bytes before any of them is read.</summary>
/// <param name="secrets">The shared secrets.</param>
/// <param name="time">The clock.</param>
public sealed class WebhookReceiver(WebhookSecrets secrets, TimeProvider time)
{
    /// <summary>The most bytes that a call may have; the caller stops reading there.</summary>
    public const int MostBytes = 1 << 20;

    /// <summary>How far the time in a generic call may be from ours.</summary>
    public static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5);

    private readonly SeenDeliveries _seen = new();

    /// <summary>Checks and reads one call.</summary>
    /// <param name="header">Gives the value of a header, null when it is absent.</param>
    /// <param name="body">The raw body.</param>
    public WebhookOutcome Receive(Func<string, string?> header, ReadOnlyMemory<byte> body)
    {
        if (body.Length > MostBytes)
        {
            return new WebhookOutcome.Malformed($"the body is larger than {MostBytes:N0} bytes");
        }

        // Gitea sends GitHub's headers too, so its own are looked for first.
        var (provider, genuine) = Authenticate(header, body.Span);
        if (provider is null)
        {
            return new WebhookOutcome.Malformed("no header tells which form of webhook this is");
        }

        if (!genuine)
        {
            return new WebhookOutcome.Unauthenticated("the signature is missing or wrong, or no secret is set for this form of webhook");
        }

        // The id in the header is not signed, the body is: a repeated body is a repeated delivery whatever id it bears.
        if (!_seen.Add(provider + Convert.ToHexString(SHA256.HashData(body.Span))))
        {
            return new WebhookOutcome.Ignored("this delivery was handled already");
        }

        return Read(provider, header, body);
    }

    private (string? Provider, bool Genuine) Authenticate(Func<string, string?> header, ReadOnlySpan<byte> body)
    {
        if ((header("X-Gitea-Signature") ?? header("X-Forgejo-Signature")) is { } gitea)
        {
            return ("gitea", IsSignature(gitea, secrets.Gitea, body));
        }

        if (header("X-Gitlab-Event") is not null)
        {
            return ("gitlab", IsToken(header("X-Gitlab-Token"), secrets.GitLab));
        }

        if (header("X-GitHub-Event") is not null)
        {
            return ("github", IsSignature(header("X-Hub-Signature-256"), secrets.GitHub, body));
        }

        return header("X-Capstan-Signature") is { } generic ? ("generic", IsGeneric(header, generic, body)) : (null, false);
    }

    private bool IsGeneric(Func<string, string?> header, string signature, ReadOnlySpan<byte> body)
    {
        var stamp = header("X-Capstan-Timestamp");
        if (!long.TryParse(stamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || Math.Abs(time.GetUtcNow().ToUnixTimeSeconds() - (double)seconds) > ClockTolerance.TotalSeconds)
        {
            return false;
        }

        return IsSignature(signature, secrets.Generic, [.. Encoding.ASCII.GetBytes(stamp + "."), .. body]);
    }

    private static bool IsSignature(string? given, string? secret, ReadOnlySpan<byte> body)
    {
        if (given is null || secret is null)
        {
            return false;
        }

        var expected = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body);
        var hex = given.StartsWith("sha256=", StringComparison.Ordinal) ? given.AsSpan(7) : given.AsSpan();
        var bytes = new byte[expected.Length];
        return hex.Length == 2 * expected.Length
            && Convert.FromHexString(hex, bytes, out _, out _) == System.Buffers.OperationStatus.Done
            && CryptographicOperations.FixedTimeEquals(bytes, expected);
    }

    private static bool IsToken(string? given, string? secret) => given is not null && secret is not null
        && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given)), SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    private static WebhookOutcome Read(string provider, Func<string, string?> header, ReadOnlyMemory<byte> body)
    {
        var name = provider switch
        {
            "gitlab" => header("X-Gitlab-Event"),
            "gitea" => header("X-Gitea-Event") ?? header("X-Forgejo-Event") ?? header("X-GitHub-Event"),
            "github" => header("X-GitHub-Event"),
            _ => "push",
        };
        var isPullRequest = name is "pull_request" && provider is ("github" or "gitea");
        if (!isPullRequest && name is not ("push" or "Push Hook" or "Tag Push Hook"))
        {
            return new WebhookOutcome.Ignored("the event is neither a push nor a pull request");
        }

        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 64 });
            if (isPullRequest)
            {
                return PullRequestBody.Read(provider, document.RootElement) is { } asked
                    ? new WebhookOutcome.PullRequested(asked)
                    : new WebhookOutcome.Malformed("the body names no repository, number, action, head and base of a pull request");
            }

            return PushBody.Read(provider, document.RootElement) is { } push
                ? new WebhookOutcome.Accepted(push)
                : new WebhookOutcome.Malformed("the body names no repository and ref");
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            // The second comes of text that escapes half a character.
            return new WebhookOutcome.Malformed("the body is not JSON");
        }
    }
}
