using k8s;
using k8s.KubeConfigModels;

namespace Capstan.Kubernetes;

/// <summary>What a kubeconfig may name, by who wrote it.</summary>
internal static class KubeconfigRules
{
    public static ClusterConnection Connect(
        K8SConfiguration config,
        string? context,
        string source,
        bool allowExec,
        bool allowFiles,
        Func<string, KubernetesClientConfiguration, ClusterConnection> make)
    {
        var name = context ?? config.CurrentContext;
        if (string.IsNullOrEmpty(name))
        {
            throw new ClusterConfigurationException($"{source}: it has no current-context. Choose one with --context");
        }

        var details = config.Contexts?.FirstOrDefault(c => c.Name == name)?.ContextDetails;
        if (details is null)
        {
            var known = string.Join(", ", config.Contexts?.Select(c => c.Name) ?? []);
            throw new ClusterConfigurationException($"{source}: there is no context \"{name}\"; there are: {known}");
        }

        Refuse(config, details, source, allowExec, allowFiles);
        return make(name, KubernetesClientConfiguration.BuildConfigFromConfigObject(config, name));
    }

    private static void Refuse(K8SConfiguration config, ContextDetails details, string source, bool allowExec, bool allowFiles)
    {
        var user = config.Users?.FirstOrDefault(u => u.Name == details.User)?.UserCredentials;
        var cluster = config.Clusters?.FirstOrDefault(c => c.Name == details.Cluster)?.ClusterEndpoint;
        if (user?.AuthProvider is not null)
        {
            throw new ClusterConfigurationException($"{source}: user \"{details.User}\" uses auth-provider, which Kubernetes removed in 1.26. Use a token, a client certificate or exec");
        }

        if (user?.ExternalExecution is not null && !allowExec)
        {
            throw new ClusterConfigurationException($"{source}: user \"{details.User}\" names a program to run (exec), which is not allowed here. Use a token or a client certificate");
        }

        if (!allowFiles && (user?.ClientCertificate ?? user?.ClientKey ?? cluster?.CertificateAuthority) is { Length: > 0 } file)
        {
            throw new ClusterConfigurationException($"{source}: it names the file \"{file}\", which is not allowed here. Put the content in the …-data field");
        }
    }
}
