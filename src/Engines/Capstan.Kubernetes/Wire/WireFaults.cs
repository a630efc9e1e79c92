using System.Net.Sockets;
using System.Security.Authentication;
using Capstan.Yaml;

namespace Capstan.Kubernetes;

/// <summary>Turns what goes wrong below HTTP into <see cref="ClusterUnreachableException"/>, in words that help.</summary>
internal static class WireFaults
{
    /// <summary>The failure as one of the connection; null when it is something else (the caller's cancellation, the server's refusal).</summary>
    public static ClusterUnreachableException? AsUnreachable(ClusterConnection connection, Exception error, TimeLimit limit, CancellationToken caller) => error switch
    {
        OperationCanceledException when caller.IsCancellationRequested => null,
        OperationCanceledException when limit.IsUp => new(connection.ToString(), $"no answer within {limit.Limit.TotalSeconds:0} s", inner: error),
        OperationCanceledException => new(connection.ToString(), "the connection was given up", inner: error),
        _ => AsUnreachable(connection, error),
    };

    /// <summary>The failure as one of the connection; null when it is something else.</summary>
    public static ClusterUnreachableException? AsUnreachable(ClusterConnection connection, Exception error) => error switch
    {
        HttpRequestException http => new(connection.ToString(), Cause(http), NeverSent(http), http),
        IOException or SocketException => new(connection.ToString(), $"the connection broke: {Innermost(error).Message}", inner: error),
        YamlException json => new(connection.ToString(), $"its answer is no Kubernetes API's: {json.Message}", inner: json),
        k8s.Exceptions.KubeConfigException exec => new(connection.ToString(), $"no credentials: {exec.Message}", neverSent: true, exec),
        _ => null,
    };

    private static bool NeverSent(HttpRequestException error) => error.HttpRequestError is
        HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError;

    private static string Cause(HttpRequestException error) => error.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError => "its name is not known",
        HttpRequestError.SecureConnectionError when Innermost(error) is AuthenticationException tls => $"no trust: {tls.Message} Is the certificate authority right?",
        HttpRequestError.ConnectionError => $"no connection: {Innermost(error).Message}",
        _ => Innermost(error).Message,
    };

    private static Exception Innermost(Exception error)
    {
        while (error.InnerException is { } inner)
        {
            error = inner;
        }

        return error;
    }
}
