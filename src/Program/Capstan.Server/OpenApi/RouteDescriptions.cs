using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;

namespace Capstan.Server.OpenApi;

/// <summary>What a route of the API says of itself in the OpenAPI document.</summary>
/// <param name="Summary">What it does, in a sentence without its end.</param>
/// <param name="Query">Parameters of the query with what they mean.</param>
internal sealed record RouteDescription(string Summary, IReadOnlyList<(string Name, string Meaning)> Query);

/// <summary>By which a route describes itself. A route that does not is not in the document.</summary>
internal static class RouteDescriptions
{
    private const string Json = "application/json";

    // Routes are described by their metadata; the describer wants a method beside it, and any will do.
    private static readonly MethodInfo Described = typeof(RouteDescriptions).GetMethod(nameof(Nothing), BindingFlags.NonPublic | BindingFlags.Static)!;

    /// <summary>The parameters of every list.</summary>
    public static readonly (string, string)[] Paging =
    [
        ("limit", "How many at most, 1 to 1000; 100 when absent"),
        ("cursor", "Where to go on: `next` of the page before"),
    ];

    /// <summary>Describes a route.</summary>
    /// <param name="route">The route.</param>
    /// <param name="name">The operation's name, unique.</param>
    /// <param name="summary">What it does.</param>
    /// <param name="answer">What it answers; null for nothing.</param>
    /// <param name="status">The status of success.</param>
    /// <param name="body">What it takes; null for nothing.</param>
    /// <param name="contentType">Of the answer.</param>
    /// <param name="query">Parameters of the query.</param>
    public static IEndpointConventionBuilder Tells(this IEndpointConventionBuilder route, string name, string summary, Type? answer = null, int status = 200, Type? body = null,
        string contentType = Json, params IReadOnlyList<(string Name, string Meaning)> query)
    {
        route.WithMetadata(Described, new EndpointNameMetadata(name), new RouteDescription(summary, query));
        route.WithMetadata(answer is null ? new ProducesResponseTypeMetadata(status, typeof(void)) : new ProducesResponseTypeMetadata(status, answer, [contentType]));
        if (body is not null) route.WithMetadata(new AcceptsMetadata([Json], body));
        return route;
    }

    private static Task Nothing(HttpContext http) => Task.CompletedTask;

    private sealed class EndpointNameMetadata(string name) : IEndpointNameMetadata
    {
        public string EndpointName => name;
    }
}
