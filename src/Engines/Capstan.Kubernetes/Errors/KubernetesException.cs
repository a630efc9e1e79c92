using System.Net;

namespace Capstan.Kubernetes;

/// <summary>One of several things that an API server found wrong, usually with the field it is about.</summary>
/// <param name="Field">The field, as in <c>spec.replicas</c>; empty when it is about the whole.</param>
/// <param name="Reason">The reason, as in <c>FieldValueInvalid</c> or <c>FieldManagerConflict</c>.</param>
/// <param name="Message">What is wrong.</param>
public sealed record StatusCause(string Field, string Reason, string Message);

/// <summary>The API server answered a request with an error. The message is the server's own, behind what was asked for.</summary>
public sealed class KubernetesException : Exception
{
    /// <summary>Tells what was asked and what the server said.</summary>
    public KubernetesException(string request, HttpStatusCode status, string reason, string serverMessage)
        : this(serverMessage.Length == 0 ? $"{request}: {(int)status} {reason}" : $"{request}: {serverMessage} ({reason})", status, reason, serverMessage, null)
    {
    }

    private KubernetesException(string message, HttpStatusCode status, string reason, string serverMessage, Exception? inner)
        : base(message, inner)
    {
        StatusCode = status;
        Reason = reason;
        ServerMessage = serverMessage;
    }

    /// <summary>The HTTP status, or the code that a watch's error event carried.</summary>
    public HttpStatusCode StatusCode { get; }

    /// <summary>The reason of the server's Status, as in <c>AlreadyExists</c>; from the HTTP status when it gave none.</summary>
    public string Reason { get; }

    /// <summary>The server's message alone, at most 8 KiB of it.</summary>
    public string ServerMessage { get; }

    /// <summary>Details of the refusal, one a field.</summary>
    public IReadOnlyList<StatusCause> Causes { get; init; } = [];

    /// <summary>How long the server asks to wait; null when it does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>
    /// True when an earlier try of the same request may have reached the server although its answer was lost: an <see cref="IsAlreadyExists"/>
    /// may then speak of the caller's own object, an <see cref="IsConflict"/> of the caller's own write.
    /// </summary>
    public bool AfterLostResponse { get; private init; }

    /// <summary>404: the object, or its kind, or its namespace is not there.</summary>
    public bool IsNotFound => StatusCode == HttpStatusCode.NotFound;

    /// <summary>409 for a stale resourceVersion or uid, or for fields that another manager owns.</summary>
    public bool IsConflict => StatusCode == HttpStatusCode.Conflict && !IsAlreadyExists;

    /// <summary>409 because an object of that name is there.</summary>
    public bool IsAlreadyExists => Reason == "AlreadyExists";

    /// <summary>410: the resourceVersion or the continue token is too old; list again.</summary>
    public bool IsGone => StatusCode == HttpStatusCode.Gone;

    /// <summary>422: the object is not valid; trying again does not help.</summary>
    public bool IsInvalid => StatusCode == HttpStatusCode.UnprocessableEntity;

    /// <summary>401 or 403: the credentials or the rights do not suffice.</summary>
    public bool IsDenied => StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden;

    /// <summary>403 because the namespace is being deleted.</summary>
    public bool IsNamespaceTerminating => Causes.Any(c => c.Reason == "NamespaceTerminating");

    /// <summary>The server could not serve it now and may later: 429, 500, 502, 503, 504.</summary>
    public bool IsTransient => StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.InternalServerError
        or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;

    /// <summary>The same error, met after an answer to an earlier try was lost.</summary>
    internal KubernetesException AsAfterLostResponse() => new(Message, StatusCode, Reason, ServerMessage, this)
    {
        Causes = Causes,
        RetryAfter = RetryAfter,
        AfterLostResponse = true,
    };
}
