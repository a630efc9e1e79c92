namespace Capstan.Workflows.Applying;

/// <summary>Applies manifests to clusters for steps, outside their jobs: plan, checks and order are those of <c>capstan apply</c>. The program binds it to delivery.</summary>
public interface IManifestApplies
{
    /// <summary>Applies a folder of manifests, a kustomization or a chart.</summary>
    /// <param name="order">What, and where to.</param>
    /// <param name="log">Told the plan and what comes of it.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>How many objects were to be changed.</returns>
    /// <exception cref="WorkflowException">The manifests or the cluster refuse; the message says what, where and why.</exception>
    Task<int> ApplyAsync(ApplyOrder order, Action<string> log, CancellationToken cancellation);
}

/// <summary>What a step wants applied.</summary>
/// <param name="Root">The job's workspace on this machine; no file elsewhere is read.</param>
/// <param name="Path">The folder or file in it, with slashes.</param>
/// <param name="Kubeconfig">The text of a kubeconfig, which names no program and no file.</param>
public sealed record ApplyOrder(string Root, string Path, ReadOnlyMemory<byte> Kubeconfig)
{
    /// <summary>The name by which what is applied is remembered, so that it can be pruned; null to remember nothing.</summary>
    public string? Name { get; init; }

    /// <summary>The namespace of objects that name none; null for the kubeconfig's own.</summary>
    public string? Namespace { get; init; }

    /// <summary>Whether sub-folders are read too.</summary>
    public bool Recurse { get; init; }

    /// <summary>Whether what the name holds and the manifests no longer have is deleted.</summary>
    public bool Prune { get; init; }

    /// <summary>How long it is waited until everything is healthy; null not to wait.</summary>
    public TimeSpan? Wait { get; init; }

    /// <summary>Whether only the plan is shown.</summary>
    public bool DryRun { get; init; }
}
