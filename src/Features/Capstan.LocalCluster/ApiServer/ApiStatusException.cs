using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer;

/// <summary>A request that the API server refuses, in the form that every Kubernetes client knows: a <c>Status</c>.</summary>
public sealed class ApiStatusException : Exception
{
    /// <summary>Makes a refusal.</summary>
    /// <param name="code">The HTTP status code.</param>
    /// <param name="reason">The machine-readable reason, as in <c>NotFound</c>; see <see cref="ApiReasons"/>.</param>
    /// <param name="message">What is wrong, for people.</param>
    /// <param name="details">The <c>details</c> of the status; null for none.</param>
    public ApiStatusException(int code, string reason, string message, YamlMap? details = null)
        : base(message)
    {
        Code = code;
        Reason = reason;
        Details = details;
    }

    /// <summary>The HTTP status code.</summary>
    public int Code { get; }

    /// <summary>The machine-readable reason.</summary>
    public string Reason { get; }

    /// <summary>The <c>details</c> of the status, when there are any.</summary>
    public YamlMap? Details { get; }

    /// <summary>Where an expired list goes on in the newest state; null for every other refusal.</summary>
    internal string? ContinueToken { get; init; }

    /// <summary>The refusal as a <c>Status</c> object.</summary>
    public YamlMap ToStatus()
    {
        var status = YamlMap.Of(
            ("kind", "Status"), ("apiVersion", "v1"), ("metadata", YamlMap.Empty), ("status", "Failure"), ("message", Message), ("reason", Reason));
        if (ContinueToken is not null)
        {
            status = status.With("metadata", YamlMap.Of(("continue", ContinueToken)));
        }

        return (Details is null ? status : status.With("details", Details)).With("code", Code);
    }
}

/// <summary>The reasons of a <c>Status</c>, as apimachinery's <c>StatusReason</c> names them.</summary>
public static class ApiReasons
{
    /// <summary>The object, resource or path is not there. 404.</summary>
    public const string NotFound = "NotFound";

    /// <summary>An object of that name is there already. 409.</summary>
    public const string AlreadyExists = "AlreadyExists";

    /// <summary>The object was changed by somebody else meanwhile, or another manager owns the field. 409.</summary>
    public const string Conflict = "Conflict";

    /// <summary>The object is understood and not valid. 422.</summary>
    public const string Invalid = "Invalid";

    /// <summary>The request makes no sense. 400.</summary>
    public const string BadRequest = "BadRequest";

    /// <summary>Nobody signed the request. 401.</summary>
    public const string Unauthorized = "Unauthorized";

    /// <summary>The caller, or the state of the namespace, does not allow it. 403.</summary>
    public const string Forbidden = "Forbidden";

    /// <summary>The verb does not apply to the resource. 405.</summary>
    public const string MethodNotAllowed = "MethodNotAllowed";

    /// <summary>None of the accepted answer formats is there. 406.</summary>
    public const string NotAcceptable = "NotAcceptable";

    /// <summary>The request's format is not understood. 415.</summary>
    public const string UnsupportedMediaType = "UnsupportedMediaType";

    /// <summary>The revision asked for is no longer kept. 410.</summary>
    public const string Expired = "Expired";

    /// <summary>The request is too large. 413.</summary>
    public const string RequestEntityTooLarge = "RequestEntityTooLarge";

    /// <summary>The answer did not come in time. 504.</summary>
    public const string Timeout = "Timeout";

    /// <summary>The server failed. 500.</summary>
    public const string InternalError = "InternalError";
}
