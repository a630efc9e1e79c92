using System.Collections.Concurrent;
using Capstan.Cel;

namespace Capstan.LocalCluster.ApiServer.Expressions;

/// <summary>Expressions of webhooks and policies, compiled once.</summary>
internal static class AdmissionExpressions
{
    private const int MostKept = 2_000;

    private static readonly ConcurrentDictionary<(bool Policy, string Text), (CelProgram? Program, string? Problem)> Known = new();

    private static readonly CelEnvironment OfWebhooks = new(Variables("object", "oldObject", "request", "authorizer"), [.. QuantityFunctions.All, .. AuthorizerFunctions.All]);

    private static readonly CelEnvironment OfPolicies = new(
        Variables("object", "oldObject", "request", "authorizer", "params", "namespaceObject", "variables"), [.. QuantityFunctions.All, .. AuthorizerFunctions.All]);

    /// <summary>An expression, or why it is none.</summary>
    /// <param name="text">The expression.</param>
    /// <param name="ofPolicy">Whether it may ask for what only policies have: parameters, variables, the namespace.</param>
    public static (CelProgram? Program, string? Problem) Compile(string text, bool ofPolicy)
    {
        if (Known.Count > MostKept) Known.Clear();
        return Known.GetOrAdd((ofPolicy, text), static key =>
        {
            try
            {
                return ((key.Policy ? OfPolicies : OfWebhooks).Compile(key.Text), null);
            }
            catch (CelException error)
            {
                return (null, error.Message);
            }
        });
    }

    private static IEnumerable<CelVariable> Variables(params string[] names) => names.Select(n => new CelVariable(n));
}
