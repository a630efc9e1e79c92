using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Objects;

/// <summary>What a pod's specification gets where it says nothing.</summary>
internal static class PodDefaults
{
    public static YamlMap Template(YamlMap template) => template.Change("spec", Spec);

    public static YamlMap Spec(YamlMap spec)
    {
        spec = spec.Default("restartPolicy", "Always").Default("terminationGracePeriodSeconds", 30).Default("dnsPolicy", "ClusterFirst")
            .Default("securityContext", YamlMap.Empty).Default("schedulerName", "default-scheduler");

        // serviceAccount is the old name of serviceAccountName; Kubernetes keeps both alike.
        if (spec["serviceAccountName"] is { } account)
        {
            spec = spec.Default("serviceAccount", account);
        }
        else if (spec["serviceAccount"] is { } old)
        {
            spec = spec.With("serviceAccountName", old);
        }

        var onHost = spec.IsTrue("hostNetwork");
        return spec.ChangeEach("containers", c => Container(c, onHost)).ChangeEach("initContainers", c => Container(c, onHost))
            .ChangeEach("ephemeralContainers", c => Container(c, onHost)).ChangeEach("volumes", Volume);
    }

    private static YamlMap Container(YamlMap container, bool onHost)
    {
        container = container.Default("imagePullPolicy", PullPolicy(container.Text("image"))).Default("resources", YamlMap.Empty)
            .Default("terminationMessagePath", "/dev/termination-log").Default("terminationMessagePolicy", "File")
            .ChangeEach("ports", port => Port(port, onHost))
            .Change("resources", Requests)
            .ChangeEach("env", variable => variable.Change("valueFrom", from => from.Change("fieldRef", field => field.Default("apiVersion", "v1"))));
        foreach (var probe in (ReadOnlySpan<string>)["livenessProbe", "readinessProbe", "startupProbe"])
        {
            container = container.Change(probe, Probe);
        }

        return container.Change("lifecycle", lifecycle => lifecycle.Change("postStart", Action).Change("preStop", Action));
    }

    private static YamlMap Port(YamlMap port, bool onHost)
    {
        port = port.Default("protocol", "TCP");
        return onHost && port["hostPort"] is null && port["containerPort"] is { } number ? port.With("hostPort", number) : port;
    }

    // What is limited and not requested is requested as much as it is limited.
    private static YamlMap Requests(YamlMap resources)
    {
        if (resources["limits"] is not YamlMap { Count: > 0 } limits)
        {
            return resources;
        }

        var requests = resources.MapAt("requests");
        foreach (var (name, amount) in limits)
        {
            requests = requests.Default(name, amount);
        }

        return resources.With("requests", requests);
    }

    private static YamlMap Probe(YamlMap probe) => Action(probe).Default("timeoutSeconds", 1).Default("periodSeconds", 10)
        .Default("successThreshold", 1).Default("failureThreshold", 3);

    private static YamlMap Action(YamlMap action) => action
        .Change("httpGet", http => http.Default("path", "/").Default("scheme", "HTTP"))
        .Change("grpc", grpc => grpc.Default("service", ""));

    private static YamlMap Volume(YamlMap volume)
    {
        if (volume.Count == 1)
        {
            return volume.With("emptyDir", YamlMap.Empty);
        }

        return volume.Change("configMap", Mode).Change("secret", Mode).Change("downwardAPI", downward => Mode(downward).ChangeEach("items", Item))
            .Change("hostPath", path => path.Default("type", ""))
            .Change("projected", projected => Mode(projected).ChangeEach("sources", source => source
                .Change("serviceAccountToken", token => token.Default("expirationSeconds", 3600))
                .Change("downwardAPI", downward => downward.ChangeEach("items", Item))));
    }

    private static YamlMap Item(YamlMap item) => item.Change("fieldRef", field => field.Default("apiVersion", "v1"));

    private static YamlMap Mode(YamlMap source) => source.Default("defaultMode", 420);

    private static string PullPolicy(string image)
    {
        var name = image[(image.LastIndexOf('/') + 1)..];
        return image.Contains('@', StringComparison.Ordinal) || name.Contains(':', StringComparison.Ordinal) && !name.EndsWith(":latest", StringComparison.Ordinal)
            ? "IfNotPresent" : "Always";
    }
}
