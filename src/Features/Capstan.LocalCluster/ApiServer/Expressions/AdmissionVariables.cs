using Capstan.Cel;
using Capstan.LocalCluster.ApiServer.Access;
using Capstan.LocalCluster.ApiServer.Webhooks;
using Capstan.LocalCluster.Storage;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Expressions;

/// <summary>What expressions about one write may ask for. All of them together may spend what Kubernetes allows one object.</summary>
internal sealed class AdmissionVariables(AdmissionCall call, string version, YamlMap? now, ObjectStore store, Authorizer authorizer)
{
    private static readonly YamlMap Times = YamlMap.Of(("properties", YamlMap.Of(("metadata", YamlMap.Of(("properties", YamlMap.Of(
        ("creationTimestamp", YamlMap.Of(("format", "date-time"))), ("deletionTimestamp", YamlMap.Of(("format", "date-time"))))))))));

    private readonly CelMeter _whole = new(CelMeter.OneObject);

    private readonly Lazy<CelValue> _object = new(() => Seen(call, version, now));
    private readonly Lazy<CelValue> _before = new(() => Seen(call, version, call.Before));
    private readonly Lazy<CelValue> _request = new(() => SchemaValues.Of(call.Request("", version, null).Without("uid").Without("object").Without("oldObject")));
    private readonly Lazy<CelValue> _authorizer = new(() => new AuthorizerValue(authorizer, call));
    private readonly Lazy<CelValue> _namespace = new(() => NamespaceOf(call, store));

    /// <summary>The parameters of a policy; null for none.</summary>
    public YamlMap? Parameters { get; init; }

    /// <summary>The variables of a policy.</summary>
    public CelMap? Composed { get; set; }

    /// <summary>Evaluates an expression.</summary>
    public CelValue Evaluate(CelProgram program) => program.Evaluate(Find, new CelMeter(CelMeter.OneRule, _whole));

    private CelValue? Find(string name) => name switch
    {
        "object" => _object.Value,
        "oldObject" => _before.Value,
        "request" => _request.Value,
        "authorizer" => _authorizer.Value,
        "namespaceObject" => _namespace.Value,
        "params" => SchemaValues.Of(Parameters, Times),
        "variables" => Composed,
        _ => null,
    };

    private static CelValue Seen(AdmissionCall call, string version, YamlMap? tree) => SchemaValues.Of(call.Seen(tree, version), call.Target.Resource.Custom is { } custom
        ? SchemaValues.Root(custom.OpenApi(version)).WithAt(["properties", "metadata"], Times.At("properties", "metadata")!)
        : Times);

    private static CelValue NamespaceOf(AdmissionCall call, ObjectStore store) =>
        call.Target.Namespace.Length == 0 ? CelNull.Value : SchemaValues.Of(store.Get(new StoreKey("namespaces", "", call.Target.Namespace))?.Tree, Times);
}
