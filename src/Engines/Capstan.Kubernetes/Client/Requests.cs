using System.Globalization;
using System.Text;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Kubernetes;

/// <summary>Puts requests together: paths, queries, bodies, and what a message calls them. Pure.</summary>
internal static class Requests
{
    public static WireRequest Get(ApiResource resource, string space, string name) =>
        new(HttpMethod.Get, resource.ObjectPath(space, name), $"get {Name(resource, space, name)}");

    public static WireRequest Create(ApiResource resource, KubernetesObject @object, WriteOptions options) =>
        new(HttpMethod.Post, resource.CollectionPath(Space(resource, @object)) + Query(Write(options)), $"create {@object.Key}")
        {
            Body = @object.ToJson(),
            Repeat = @object.Name.Length > 0 ? Repeat.Creates : Repeat.IfNeverSent,
        };

    public static WireRequest Update(ApiResource resource, KubernetesObject @object, string subresource, WriteOptions options) =>
        new(HttpMethod.Put, resource.ObjectPath(Space(resource, @object), @object.Name, subresource) + Query(Write(options)), $"update {@object.Key}")
        {
            Body = @object.ToJson(),
        };

    public static WireRequest Apply(ApiResource resource, KubernetesObject @object, ApplyOptions options) =>
        new(
            HttpMethod.Patch,
            resource.ObjectPath(Space(resource, @object), @object.Name, options.Subresource) + Query([.. Write(options), ("force", options.Force ? "true" : "")]),
            $"apply {@object.Key}")
        {
            // JSON is YAML.
            Body = @object.ToJson(),
            ContentType = "application/apply-patch+yaml",
        };

    public static WireRequest Patch(ApiResource resource, (string Space, string Name, string Sub) target, PatchKind kind, YamlNode patch, WriteOptions options) =>
        new(HttpMethod.Patch, resource.ObjectPath(target.Space, target.Name, target.Sub) + Query(Write(options)), $"patch {Name(resource, target.Space, target.Name)}")
        {
            Body = JsonText.WriteBytes(patch),
            ContentType = kind switch
            {
                PatchKind.Json => "application/json-patch+json",
                PatchKind.Strategic => "application/strategic-merge-patch+json",
                _ => "application/merge-patch+json",
            },
            Repeat = kind == PatchKind.Json ? Repeat.IfNeverSent : Repeat.Always,
        };

    public static WireRequest Delete(ApiResource resource, string space, string name, DeleteOptions options)
    {
        var body = new YamlMapBuilder();
        body.Set("apiVersion", "v1").Set("kind", "DeleteOptions");
        if (options.Propagation != DeletePropagation.Default)
        {
            body.Set("propagationPolicy", options.Propagation.ToString());
        }

        if (options.GracePeriodSeconds is { } grace)
        {
            body.Set("gracePeriodSeconds", (long)grace);
        }

        if (options.DryRun)
        {
            body.Set("dryRun", new YamlList(["All"]));
        }

        var preconditions = new YamlMapBuilder();
        if (options.Uid is { } uid)
        {
            preconditions.Set("uid", uid);
        }

        if (options.ResourceVersion is { } version)
        {
            preconditions.Set("resourceVersion", version);
        }

        if (preconditions.Count > 0)
        {
            body.Set("preconditions", preconditions.ToMap());
        }

        return new(HttpMethod.Delete, resource.ObjectPath(space, name), $"delete {Name(resource, space, name)}")
        {
            Body = JsonText.WriteBytes(body.ToMap()),

            // Without the uid a second try could hit a successor that was created in between.
            Repeat = options.Uid is null && options.ResourceVersion is null ? Repeat.IfNeverSent : Repeat.Always,
        };
    }

    public static WireRequest List(ApiResource resource, ListOptions options, string continueToken, string resourceVersion, int tries) =>
        new(
            HttpMethod.Get,
            resource.CollectionPath(options.Namespace) + Query(
                ("labelSelector", options.LabelSelector),
                ("fieldSelector", options.FieldSelector),
                ("limit", options.PageSize > 0 ? Number(options.PageSize) : ""),
                ("continue", continueToken),
                ("resourceVersion", resourceVersion)),
            $"list {resource}")
        {
            LargestAnswer = 256 * 1024 * 1024,
            Tries = tries,
        };

    public static WireRequest Watch(ApiResource resource, ListOptions options, string resourceVersion, TimeSpan timeout) =>
        new(
            HttpMethod.Get,
            resource.CollectionPath(options.Namespace) + Query(
                ("watch", "true"),
                ("allowWatchBookmarks", "true"),
                ("resourceVersion", resourceVersion),
                ("timeoutSeconds", Number((int)timeout.TotalSeconds)),
                ("labelSelector", options.LabelSelector),
                ("fieldSelector", options.FieldSelector)),
            $"watch {resource}")
        {
            Tries = 1,
        };

    public static WireRequest Logs(string space, string pod, LogOptions options) =>
        new(
            HttpMethod.Get,
            $"api/v1/namespaces/{Uri.EscapeDataString(space)}/pods/{Uri.EscapeDataString(pod)}/log" + Query(
                ("container", options.Container),
                ("follow", options.Follow ? "true" : ""),
                ("previous", options.Previous ? "true" : ""),
                ("timestamps", options.Timestamps ? "true" : ""),
                ("tailLines", options.Tail is { } tail ? Number(tail) : "")),
            $"read the log of Pod/{space}/{pod}")
        {
            Accept = "*/*",
        };

    private static (string, string)[] Write(WriteOptions options) =>
    [
        ("fieldManager", options.FieldManager),
        ("dryRun", options.DryRun ? "All" : ""),
        ("fieldValidation", options.FieldValidation == FieldValidation.Default ? "" : options.FieldValidation.ToString()),
    ];

    private static string Query(params ReadOnlySpan<(string Key, string Value)> pairs)
    {
        var query = new StringBuilder();
        foreach (var (key, value) in pairs)
        {
            if (value.Length > 0)
            {
                query.Append(query.Length == 0 ? '?' : '&').Append(key).Append('=').Append(Uri.EscapeDataString(value));
            }
        }

        return query.ToString();
    }

    private static string Space(ApiResource resource, KubernetesObject @object) => resource.Namespaced
        ? @object.Namespace.Length > 0 ? @object.Namespace : throw new ArgumentException($"{@object.Key}: {resource} are namespaced, and the object has no namespace")
        : "";

    private static string Name(ApiResource resource, string space, string name) =>
        new ObjectKey(resource.Kind.GroupKind, resource.Namespaced ? space : "", name).ToString();

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
