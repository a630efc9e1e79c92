using Capstan.LocalCluster.ApiServer.Access;
using Microsoft.AspNetCore.Http;

namespace Capstan.LocalCluster.ApiServer.Http;

/// <summary>Who a request is from, once that is known.</summary>
internal static class RequestUser
{
    private static readonly object Key = new();

    public static UserInfo Of(HttpContext context) => context.Items[Key] as UserInfo ?? throw new InvalidOperationException("The request was not authenticated.");

    public static void Set(HttpContext context, UserInfo user) => context.Items[Key] = user;

    /// <summary>Who it is from; null when it was turned away before that was known.</summary>
    public static UserInfo? Find(HttpContext context) => context.Items[Key] as UserInfo;
}
