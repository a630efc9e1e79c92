using System.Globalization;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.LocalCluster.Identity;
using Capstan.LocalCluster.Storage;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Operations;

/// <summary>Issues tokens of service accounts (the <c>token</c> subresource, kind TokenRequest).</summary>
internal sealed class TokenRequests(AccountTokens tokens, ObjectStore store, TimeProvider time)
{
    private const long Shortest = 600;
    private const long Longest = 1L << 32;
    private const long Usual = 3600;

    /// <summary>The request with its answer.</summary>
    /// <param name="account">The service account.</param>
    /// <param name="request">A TokenRequest.</param>
    public YamlMap Answer(Target account, YamlMap request)
    {
        var live = store.Get(account.Key)?.Tree ?? throw ApiErrors.NotFound(account.Resource, account.Name);
        var seconds = request.Number("spec", "expirationSeconds") ?? Usual;
        if (seconds is < Shortest or > Longest)
        {
            var detail = seconds < Shortest ? "may not specify a duration less than 10 minutes" : "may not specify a duration larger than 2^32 seconds";
            throw Invalid(FieldProblem.Invalid("spec.expirationSeconds", seconds, detail));
        }

        var audiences = (request.At("spec", "audiences") as YamlList ?? YamlList.Empty).Select(a => a.AsString() ?? "").ToList();
        audiences = audiences.Count == 0 ? [AccountTokens.Issuer] : audiences;
        var now = time.GetUtcNow();
        var until = now.AddSeconds(seconds);
        var token = tokens.Issue(account.Namespace, (account.Name, live.Text("metadata", "uid")), Bound(account, request.At("spec", "boundObjectRef") as YamlMap), audiences, now, until);
        return request.With("metadata", YamlMap.Of(("name", account.Name), ("namespace", account.Namespace), ("creationTimestamp", Stamp(now))))
            .WithAt(["spec", "audiences"], new YamlList(audiences.Select(a => (YamlNode)a)))
            .WithAt(["spec", "expirationSeconds"], seconds)
            .With("status", YamlMap.Of(("token", token), ("expirationTimestamp", Stamp(until))))
            .With("kind", "TokenRequest").With("apiVersion", "authentication.k8s.io/v1");
    }

    private (string, string, string)? Bound(Target account, YamlMap? reference)
    {
        if (reference is null)
        {
            return null;
        }

        var resource = reference.Text("kind") switch
        {
            "Pod" => "pods",
            "Secret" => "secrets",
            var other => throw Invalid(FieldProblem.Invalid("spec.boundObjectRef", reference, $"cannot bind token for serviceaccount \"{account.Name}\" to {other} object: only Pod and Secret are allowed")),
        };
        var name = reference.Text("name");
        var found = store.Get(new StoreKey(resource, account.Namespace, name)) ?? throw new ApiStatusException(404, ApiReasons.NotFound, $"{resource} \"{name}\" not found");
        if (resource == "pods" && found.Tree.Text("spec", "serviceAccountName") != account.Name)
        {
            throw ApiErrors.BadRequest($"cannot bind token for serviceaccount \"{account.Name}\" to pod running with different serviceaccount name.");
        }

        return reference.Text("uid") is { Length: > 0 } uid && uid != found.Uid
            ? throw new ApiStatusException(409, ApiReasons.Conflict, $"Operation cannot be fulfilled on {resource} \"{name}\": the UID in the bound object reference ({uid}) does not match the UID in record. The object might have been deleted and then recreated")
            : (reference.Text("kind").ToLowerInvariant(), name, found.Uid);
    }

    private static ApiStatusException Invalid(FieldProblem problem) => new(422, ApiReasons.Invalid, $"TokenRequest.authentication.k8s.io \"\" is invalid: {problem.Field}: {problem.Message}",
        YamlMap.Of(("group", "authentication.k8s.io"), ("kind", "TokenRequest"), ("causes", YamlList.Create([YamlMap.Of(("reason", problem.Reason), ("message", problem.Message), ("field", problem.Field))]))));

    private static string Stamp(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
