using Capstan.Access.Rights;
using Microsoft.AspNetCore.Builder;

namespace Capstan.Server.Endpoints;

/// <summary>By which a route states what it does.</summary>
internal static class RouteRights
{
    /// <summary>The route does this with that; <paramref name="name"/> is its parameter that names the thing.</summary>
    public static T Needs<T>(this T route, Verb verb, ResourceKind resource, string? name = null) where T : IEndpointConventionBuilder =>
        route.WithMetadata(new StatedRight(verb, resource, name));

    /// <summary>The route does this with what belongs to whoever asks; being signed in is enough for one's own, and the handler asks for the rest.</summary>
    public static T NeedsSignIn<T>(this T route, Verb verb, ResourceKind resource) where T : IEndpointConventionBuilder =>
        route.WithMetadata(new StatedRight(verb, resource) { OwnIsEnough = true });

    /// <summary>Anybody may call the route.</summary>
    public static T IsOpen<T>(this T route, string why) where T : IEndpointConventionBuilder => route.WithMetadata(new OpenToAll(why));
}
