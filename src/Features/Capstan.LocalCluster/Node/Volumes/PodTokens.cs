using System.Collections.Concurrent;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.LocalCluster.Identity;
using Capstan.Resources;
using Kinds = Capstan.LocalCluster.Controllers.Kinds;

namespace Capstan.LocalCluster.Node.Volumes;

/// <summary>The tokens of pods' service accounts. One is kept for four fifths of its time, as kubelet does, so that a look at a pod changes nothing.</summary>
internal sealed class PodTokens(ClusterClient cluster, AccountTokens tokens, TimeProvider time)
{
    private readonly ConcurrentDictionary<(string PodUid, string Audience, TimeSpan Lifetime), (string Token, DateTimeOffset RenewAt)> _kept = [];

    /// <inheritdoc cref="AccountTokenSource"/>
    public string Issue(KubernetesObject pod, string audience, TimeSpan lifetime)
    {
        var now = time.GetUtcNow();
        var key = (pod.Uid, audience, lifetime);
        if (_kept.TryGetValue(key, out var kept) && kept.RenewAt > now)
        {
            return kept.Token;
        }

        var name = pod.Spec.Text("serviceAccountName") is { Length: > 0 } given ? given : "default";
        var account = cluster.Get(new ObjectKey(Kinds.ServiceAccount, pod.Namespace, name))
            ?? throw new Pods.PodProblemException("FailedMount", $"serviceaccount \"{name}\" not found");
        var token = tokens.Issue(pod.Namespace, (name, account.Uid), ("pod", pod.Name, pod.Uid), [audience.Length == 0 ? AccountTokens.Issuer : audience], now, now + lifetime);
        _kept[key] = (token, now + lifetime * 0.8);
        return token;
    }

    /// <summary>A pod is gone.</summary>
    public void Forget(string podUid)
    {
        foreach (var key in _kept.Keys.Where(k => k.PodUid == podUid))
        {
            _kept.TryRemove(key, out _);
        }
    }
}
