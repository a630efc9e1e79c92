using Capstan.Yaml;

namespace Capstan.Resources.Tests;

/// <summary>The sequences that are played against the judge.</summary>
internal static class ApplySequences
{
    private const string Maps = "api/v1/namespaces/default/configmaps/";
    private const string Deployments = "apis/apps/v1/namespaces/default/deployments/";
    private const string Services = "api/v1/namespaces/default/services/";
    private const string Widgets = "apis/judge.capstan.dev/v1/namespaces/default/widgets/";

    public static readonly YamlMap WidgetSchema = (YamlMap)JsonText.Read("""
        {"type":"object","properties":{
          "spec":{"type":"object","properties":{
            "size":{"type":"integer"},"color":{"type":"string"},
            "tags":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}},
            "parts":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name","kind"],
              "items":{"type":"object","required":["name"],"properties":{"name":{"type":"string"},"kind":{"type":"string","default":"wheel"},"count":{"type":"integer"},
                "labels":{"type":"object","additionalProperties":{"type":"string"}}}}},
            "plain":{"type":"array","items":{"type":"string"}},
            "whole":{"type":"object","x-kubernetes-map-type":"atomic","properties":{"a":{"type":"string"},"b":{"type":"string"}}},
            "free":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}},
          "status":{"type":"object","properties":{"ready":{"type":"boolean"}}}}}
        """);

    public static readonly YamlMap WidgetDefinition = ((YamlMap)JsonText.Read("""
        {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"widgets.judge.capstan.dev"},
         "spec":{"group":"judge.capstan.dev","scope":"Namespaced","names":{"plural":"widgets","kind":"Widget"},
                 "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{}}}]}}
        """)).WithAt(["spec", "versions"], new YamlList([((YamlMap)JsonText.Read("""{"name":"v1","served":true,"storage":true}""")).WithAt(["schema", "openAPIV3Schema"], WidgetSchema)]));

    public static readonly IReadOnlyList<ApplySequence> All =
    [
        new("applying twice changes nothing", Maps + "twice", Apply("alice", Map("twice", """{"a":"1","b":"2"}""")), Apply("alice", Map("twice", """{"a":"1","b":"2"}"""))),
        new("a field no longer applied is removed", Maps + "gone", Apply("alice", Map("gone", """{"a":"1","b":"2"}""")), Apply("alice", Map("gone", """{"a":"1"}"""))),
        new("a field of two appliers stays while one applies it", Maps + "shared",
            Apply("alice", Map("shared", """{"a":"1","b":"2"}""")), Apply("bob", Map("shared", """{"b":"2","c":"3"}""")),
            Apply("alice", Map("shared", """{"a":"1"}""")), Apply("bob", Map("shared", """{"c":"3"}"""))),
        new("another value conflicts and force takes it", Maps + "conflict",
            Apply("alice", Map("conflict", """{"a":"1","b":"2"}""")), Apply("bob", Map("conflict", """{"a":"x"}""")),
            Apply("bob", Map("conflict", """{"a":"x","b":"y"}""")), Force("bob", Map("conflict", """{"a":"x"}""")), Apply("alice", Map("conflict", """{"a":"1","b":"2"}"""))),
        new("an update takes fields from an applier", Maps + "update",
            Apply("alice", Map("update", """{"a":"1","b":"2"}""")), Edit("carol", """{"data":{"a":"edited"}}"""),
            Apply("alice", Map("update", """{"a":"1","b":"2"}""")), Force("alice", Map("update", """{"a":"1","b":"2"}"""))),
        new("an update that removes a field removes its owners", Maps + "removal",
            Apply("alice", Map("removal", """{"a":"1","b":"2"}""")), Edit("carol", """{"data":{"a":null}}"""), Apply("alice", Map("removal", """{"b":"2"}"""))),
        new("created by update then applied by another", Maps + "created",
            Create("kubectl-create", Map("created", """{"a":"1"}""")), Apply("alice", Map("created", """{"a":"1","b":"2"}""")),
            Apply("alice", Map("created", """{"b":"2"}""")), Apply("alice", Map("created", """{"a":"2","b":"2"}"""))),
        new("dropped managed fields become before-first-apply", Maps + "dropped",
            Create("kubectl-create", Map("dropped", """{"a":"1","b":"2"}""")), Edit("carol", """{"metadata":{"managedFields":[{}]}}"""),
            Apply("alice", Map("dropped", """{"a":"2"}""")), Force("alice", Map("dropped", """{"a":"2"}""")), Edit("carol", """{"data":{"z":"1"}}""")),
        new("labels and annotations have owners each", Maps + "labels",
            Apply("alice", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"labels","labels":{"a":"1"},"annotations":{"x/y":"<&>"}}}"""),
            Apply("bob", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"labels","labels":{"b":"1"}}}"""),
            Apply("alice", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"labels"}}"""), Merge("carol", """{"metadata":{"labels":{"b":null,"c":"3"}}}""")),
        new("finalizers are a set", Maps + "finalizers",
            Apply("alice", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"finalizers","finalizers":["a.b/c"]}}"""),
            Apply("bob", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"finalizers","finalizers":["d.e/f","a.b/c"]}}"""),
            Apply("alice", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"finalizers"}}"""),
            Json("carol", """[{"op":"remove","path":"/metadata/finalizers"}]""")),
        new("keys of a map have owners each", Maps + "empty", Apply("alice", Map("empty", """{"a":"0"}""")), Apply("bob", Map("empty", """{"a":"1"}""")), Apply("alice", Map("empty", """{"b":"1"}"""))),
        new("replicas belong to whoever set them", Deployments + "replicas",
            Apply("alice", Deployment("replicas", "\"replicas\":3,", Container("web", "nginx:1"))), Merge("autoscaler", """{"spec":{"replicas":5}}"""),
            Apply("alice", Deployment("replicas", "\"replicas\":3,", Container("web", "nginx:1"))), Apply("alice", Deployment("replicas", "", Container("web", "nginx:1")))),
        new("containers merge by name", Deployments + "containers",
            Apply("alice", Deployment("containers", "", Container("web", "nginx:1"))), Apply("mesh", Deployment("containers", "", Container("sidecar", "envoy:1"))),
            Apply("alice", Deployment("containers", "", Container("web", "nginx:2"))), Apply("alice", Deployment("containers", "", Container("worker", "nginx:2") + "," + Container("web", "nginx:2"))),
            Apply("mesh", Deployment("containers", "", Container("web", "nginx:2"))), Apply("alice", Deployment("containers", "", Container("worker", "nginx:2")))),
        new("an item that leaves takes its defaulted fields along", Deployments + "leaves",
            Apply("alice", Deployment("leaves", "", Container("web", "nginx:1") + "," + Container("old", "nginx:1"))), Apply("alice", Deployment("leaves", "", Container("web", "nginx:1")))),
        new("an item that somebody else touched stays", Deployments + "touched",
            Apply("alice", Deployment("touched", "", Container("web", "nginx:1") + "," + Container("old", "nginx:1"))),
            Strategic("bob", """{"spec":{"template":{"spec":{"containers":[{"name":"old","env":[{"name":"A","value":"1"}]}]}}}}"""),
            Apply("alice", Deployment("touched", "", Container("web", "nginx:1"))), Strategic("carol", """{"spec":{"template":{"spec":{"containers":[{"name":"old","image":"x:1"}]}}}}""")),
        new("container ports have a default protocol", Deployments + "ports",
            Apply("alice", Deployment("ports", "", Container("web", "nginx:1", """, "ports":[{"containerPort":80,"name":"http"}]"""))),
            Apply("bob", Deployment("ports", "", Container("web", "nginx:1", """, "ports":[{"containerPort":80,"protocol":"TCP"},{"containerPort":80,"protocol":"UDP"}]"""))),
            Apply("alice", Deployment("ports", "", Container("web", "nginx:1")))),
        new("env moves its order and its owner", Deployments + "env",
            Apply("alice", Deployment("env", "", Container("web", "nginx:1", """, "env":[{"name":"A","value":"1"},{"name":"B","value":"2"},{"name":"C","value":"3"}]"""))),
            Strategic("bob", """{"spec":{"template":{"spec":{"containers":[{"name":"web","env":[{"name":"D","value":"4"}]}]}}}}"""),
            Apply("alice", Deployment("env", "", Container("web", "nginx:1", """, "env":[{"name":"C","value":"3"},{"name":"A","value":"1"}]"""))),
            Apply("alice", Deployment("env", "", Container("web", "nginx:1", """, "env":[{"name":"E","value":"3"},{"name":"A","value":"1"},{"name":"D","value":"4"}]""")))),
        new("a strategic patch deletes, replaces and orders", Deployments + "directives",
            Create("kubectl-create", Deployment("directives", "", Container("a", "nginx:1") + "," + Container("b", "nginx:1") + "," + Container("c", "nginx:1"))),
            Strategic("bob", """{"spec":{"template":{"spec":{"containers":[{"name":"b","$patch":"delete"}]}}}}"""),
            Strategic("bob", """{"spec":{"template":{"spec":{"$setElementOrder/containers":[{"name":"d"},{"name":"c"},{"name":"a"}],"containers":[{"name":"d","image":"x:1"}]}}}}"""),
            Strategic("bob", """{"spec":{"template":{"spec":{"containers":[{"$patch":"replace"},{"name":"z","image":"x:1"}]}}}}"""),
            Strategic("bob", """{"spec":{"strategy":{"$retainKeys":["type"],"type":"Recreate"}}}"""),
            Strategic("bob", """{"metadata":{"labels":{"$patch":"replace","only":"me"}}}""")),
        new("a strategic patch on primitive lists", Maps + "primitive",
            Create("kubectl-create", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"primitive","finalizers":["a/a","b/b","c/c"]}}"""),
            Strategic("bob", """{"metadata":{"$deleteFromPrimitiveList/finalizers":["b/b"]}}"""),
            Strategic("bob", """{"metadata":{"finalizers":["d/d"],"$setElementOrder/finalizers":["d/d","c/c","a/a"]}}"""),
            Strategic("bob", """{"metadata":{"finalizers":["e/e","a/a"]}}"""), Merge("bob", """{"metadata":{"finalizers":null}}""")),
        new("volumes keep one source", Deployments + "volumes",
            Create("kubectl-create", Deployment("volumes", "", Container("a", "nginx:1"), """, "volumes":[{"name":"v","emptyDir":{}},{"name":"w","emptyDir":{"medium":"Memory"}}]""")),
            Strategic("bob", """{"spec":{"template":{"spec":{"volumes":[{"$retainKeys":["name","configMap"],"name":"v","configMap":{"name":"x"}}]}}}}"""),
            Apply("alice", Deployment("volumes", "", Container("a", "nginx:1"), """, "volumes":[{"name":"w","emptyDir":{"medium":"Memory"}}]"""))),
        new("service ports merge by port and protocol", Services + "ports",
            Apply("alice", Service("ports", """{"port":80,"protocol":"TCP","name":"http"}""")), Apply("bob", Service("ports", """{"port":443,"protocol":"TCP","name":"https"}""")),
            Apply("alice", Service("ports", """{"port":81,"protocol":"TCP","name":"http"}""")), Apply("bob", Service("ports", """{"port":53,"name":"dns","protocol":"UDP"},{"port":443,"protocol":"TCP","name":"https","targetPort":8443}"""))),
        new("a service type changes hands", Services + "type",
            Apply("alice", Service("type", """{"port":80,"protocol":"TCP"}""")), Edit("carol", """{"spec":{"sessionAffinity":"ClientIP","sessionAffinityConfig":{"clientIP":{"timeoutSeconds":60}}}}"""),
            Apply("alice", """{"apiVersion":"v1","kind":"Service","metadata":{"name":"type"},"spec":{"ports":[{"port":80,"protocol":"TCP"}],"sessionAffinity":"None"}}""")),
        new("json patches own what they change", Maps + "jsonpatch",
            Create("kubectl-create", Map("jsonpatch", """{"a":"1","b":"2"}""")),
            Json("bob", """[{"op":"test","path":"/data/a","value":"1"},{"op":"copy","from":"/data/a","path":"/data/c"},{"op":"move","from":"/data/b","path":"/data/d"}]"""),
            Json("bob", """[{"op":"test","path":"/data/a","value":"2"}]"""), Json("bob", """[{"op":"remove","path":"/data/nothing"}]"""),
            Json("bob", """[{"op":"add","path":"/metadata/labels","value":{}},{"op":"add","path":"/metadata/labels/x~1y","value":"1"}]""")),
        new("custom: keyed lists and sets merge", Widgets + "lists",
            Apply("alice", Widget("lists", """{"size":1,"tags":["a","b"],"parts":[{"name":"x","count":1}]}""")),
            Apply("bob", Widget("lists", """{"tags":["b","c"],"parts":[{"name":"x","kind":"door","count":2},{"name":"y","kind":"wheel"}]}""")),
            Apply("alice", Widget("lists", """{"size":1,"tags":["a"],"parts":[]}""")), Apply("bob", Widget("lists", """{"tags":["c"],"parts":[{"name":"y","kind":"wheel"}]}"""))),
        new("custom: atomic lists and maps are one value", Widgets + "atomic",
            Apply("alice", Widget("atomic", """{"plain":["a"],"whole":{"a":"1","b":"2"}}""")), Apply("bob", Widget("atomic", """{"plain":["b"]}""")),
            Apply("bob", Widget("atomic", """{"whole":{"a":"1"}}""")), Force("bob", Widget("atomic", """{"whole":{"a":"1"},"plain":["a"]}""")), Apply("alice", Widget("atomic", """{"plain":["a"]}"""))),
        new("custom: free content merges key by key", Widgets + "free",
            Apply("alice", Widget("free", """{"free":{"a":[1,2],"d":"x"}}""")), Apply("bob", Widget("free", """{"free":{"b":2,"f":"y"}}""")),
            Apply("alice", Widget("free", """{"free":{"a":[1]}}""")), Merge("carol", """{"spec":{"free":{"b":7,"a":null}}}"""), Apply("alice", Widget("free", """{"size":1}"""))),
        new("custom: a null is no value", Widgets + "null",
            Apply("alice", Widget("null", """{"size":1,"color":"red"}""")), Merge("carol", """{"spec":{"color":null}}"""), Apply("alice", Widget("null", """{"size":1}"""))),
        new("custom: duplicates are refused", Widgets + "duplicates",
            Apply("alice", Widget("duplicates", """{"tags":["a"]}""")), Apply("alice", Widget("duplicates", """{"tags":["a","a"]}""")),
            Apply("alice", Widget("duplicates", """{"parts":[{"name":"a"},{"name":"a","kind":"wheel"}]}""")), Apply("alice", Widget("duplicates", """{"tags":"a"}"""))),
        new("unknown fields and wrong types are refused", Deployments + "unknown",
            Apply("alice", Deployment("unknown", "", Container("web", "nginx:1"))), Apply("alice", Deployment("unknown", "\"nonsense\":1,", Container("web", "nginx:1"))),
            Apply("alice", Deployment("unknown", "", Container("web", "nginx:1", """, "tty":"yes" """))),
            Apply("alice", Deployment("unknown", "", """{"name":"a","image":"nginx:1"},{"name":"a","image":"nginx:1"}"""))),
    ];

    private static ApplyStep Apply(string manager, string body) => new("apply", manager, body);

    private static ApplyStep Force(string manager, string body) => new("force", manager, body);

    private static ApplyStep Create(string manager, string body) => new("create", manager, body);

    private static ApplyStep Edit(string manager, string body) => new("edit", manager, body);

    private static ApplyStep Merge(string manager, string body) => new("merge", manager, body);

    private static ApplyStep Json(string manager, string body) => new("json", manager, body);

    private static ApplyStep Strategic(string manager, string body) => new("strategic", manager, body);

    private static string Map(string name, string data) => $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{{name}}}"},"data":{{{data}}}}""";

    private static string Widget(string name, string spec) =>
        $$$"""{"apiVersion":"judge.capstan.dev/v1","kind":"Widget","metadata":{"name":"{{{name}}}"},"spec":{{{spec}}}}""";

    private static string Service(string name, string ports) =>
        $$$"""{"apiVersion":"v1","kind":"Service","metadata":{"name":"{{{name}}}"},"spec":{"ports":[{{{ports}}}]}}""";

    private static string Container(string name, string image, string more = "") => $$$$"""{"name":"{{{{name}}}}","image":"{{{{image}}}}"{{{{more}}}}}""";

    private static string Deployment(string name, string spec, string containers, string pod = "") => $$$$$"""
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"{{{{{name}}}}}","labels":{"app":"{{{{{name}}}}}"}},
         "spec":{{{{{{spec}}}}}"selector":{"matchLabels":{"app":"x"}},"template":{"metadata":{"labels":{"app":"x"}},"spec":{"containers":[{{{{{containers}}}}}]{{{{{pod}}}}}}}}}
        """;
}
