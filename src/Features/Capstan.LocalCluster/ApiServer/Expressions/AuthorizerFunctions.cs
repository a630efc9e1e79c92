using Capstan.Cel;
using Capstan.LocalCluster.ApiServer.Access;
using Capstan.LocalCluster.ApiServer.Webhooks;

namespace Capstan.LocalCluster.ApiServer.Expressions;

/// <summary>Kubernetes' library of authorization: what who asks may do besides.</summary>
internal static class AuthorizerFunctions
{
    public static readonly IReadOnlyList<CelFunction> All =
    [
        Step<AuthorizerValue>("path", static (asker, path) => new Question(asker, new AccessRequest("") { Path = path })),
        Step<AuthorizerValue>("group", static (asker, group) => new Question(asker, new AccessRequest("") { Group = group })),
        CelFunction.Method("serviceAccount", 3, (a, _) => a is [AuthorizerValue asker, CelString space, CelString name] ? asker.As(UserInfo.Account(space.Value, name.Value, "")) : CelFault.NoOverload),
        Step<Question>("resource", static (asked, resource) => asked.With(asked.Request with { Resource = resource })),
        Step<Question>("subresource", static (asked, subresource) => asked.With(asked.Request with { Subresource = subresource })),
        Step<Question>("namespace", static (asked, space) => asked.With(asked.Request with { Namespace = space })),
        Step<Question>("name", static (asked, name) => asked.With(asked.Request with { Name = name })),
        Step<Question>("check", static (asked, verb) => asked.Ask(verb)),
        CelFunction.Method("allowed", 1, (a, _) => a[0] is Decision decision ? CelValue.Of(decision.Allowed) : CelFault.NoOverload),
        CelFunction.Method("reason", 1, (a, _) => a[0] is Decision ? CelValue.Of("") : CelFault.NoOverload),
        CelFunction.Method("errored", 1, (a, _) => a[0] is Decision ? CelValue.Of(false) : CelFault.NoOverload),
        CelFunction.Method("error", 1, (a, _) => a[0] is Decision ? CelValue.Of("") : CelFault.NoOverload),
    ];

    private static CelFunction Step<T>(string name, Func<T, string, CelValue> step)
        where T : CelValue => CelFunction.Method(name, 2, (a, meter) => a[0] is T from && a[1] is CelString text ? step(from, text.Value) : CelFault.NoOverload);
}

/// <summary><c>authorizer</c>, and what was already asked about the request itself (<c>authorizer.requestResource</c>).</summary>
internal sealed class AuthorizerValue(Authorizer authorizer, AdmissionCall call, UserInfo? user = null) : CelMap
{
    public override string TypeName => "kubernetes.authorization.Authorizer";

    public override int Count => 1;

    public override IEnumerable<CelValue> Keys => [CelValue.Of("requestResource")];

    public override CelValue? Find(CelValue key) => key is CelString { Value: "requestResource" }
        ? new Question(this, AccessRequest.To("", call.Target.Resource, call.Target.Namespace, call.Target.Name) with { Subresource = call.Target.Subresource })
        : null;

    public AuthorizerValue As(UserInfo other) => new(authorizer, call, other);

    // The cluster's own controllers may do what they do.
    public bool Allows(AccessRequest request) => (user ?? call.User) is not { } asker || authorizer.Allows(asker, request);
}

internal sealed class Question(AuthorizerValue asker, AccessRequest request) : CelObject
{
    public AccessRequest Request => request;

    public override string TypeName => "kubernetes.authorization.ResourceCheck";

    public Question With(AccessRequest other) => new(asker, other);

    public Decision Ask(string verb) => new(asker.Allows(request with { Verb = verb }));

    public override bool Same(CelObject other) => ReferenceEquals(this, other);

    public override int Hash() => request.GetHashCode();
}

internal sealed class Decision(bool allowed) : CelObject
{
    public bool Allowed => allowed;

    public override string TypeName => "kubernetes.authorization.Decision";

    public override bool Same(CelObject other) => other is Decision decision && decision.Allowed == allowed;

    public override int Hash() => allowed.GetHashCode();
}
