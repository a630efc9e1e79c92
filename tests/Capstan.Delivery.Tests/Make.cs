using System.Text;
using Capstan.Delivery.Applications;
using Capstan.Resources;
using Capstan.Trees;
using Capstan.Yaml;

namespace Capstan.Delivery.Tests;

/// <summary>Makes the values that many tests begin with.</summary>
internal static class Make
{
    public static KubernetesObject Object(string json) => new((YamlMap)JsonText.Read(Encoding.UTF8.GetBytes(json)));

    public static KubernetesObject ConfigMap(string name, string space = "shop", string value = "1", string? tracking = null)
    {
        var made = Object($$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{name}}","namespace":"{{space}}"},"data":{"k":"{{value}}"} }""");
        return tracking is null ? made : made.WithAnnotation("argocd.argoproj.io/tracking-id", tracking);
    }

    public static string ApplicationJson(string spec, string name = "shop", string metadata = "") =>
        $$$"""{"apiVersion":"argoproj.io/v1alpha1","kind":"Application","metadata":{"name":"{{{name}}}","namespace":"capstan"{{{metadata}}}},"spec":{{{spec}}}}""";

    public static Application Application(string spec, string metadata = "") => ApplicationReader.Read(Object(ApplicationJson(spec, metadata: metadata)));

    public static Application Automated(string automated = "{}") => Application($$$"""
        {"source":{"repoURL":"https://git.example/shop.git","path":"deploy"},
         "destination":{"server":"https://kubernetes.default.svc","namespace":"shop"},"syncPolicy":{"automated":{{{automated}}}}}
        """);

    public static MemoryTree Tree(params ReadOnlySpan<(string Path, string Text)> files) => MemoryTree.Of(files);
}
