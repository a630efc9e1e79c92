using Capstan.Resources;

namespace Capstan.LocalCluster.Controllers;

/// <summary>One change that a controller wants. Controllers return these; the loop carries them out through the same rules as a request.</summary>
internal abstract record ObjectWrite(KubernetesObject Object)
{
    /// <summary>Make an object; its name may be a <c>generateName</c>.</summary>
    internal sealed record Create(KubernetesObject Object) : ObjectWrite(Object);

    /// <summary>Replace an object; refused when it changed since it was read.</summary>
    internal sealed record Update(KubernetesObject Object) : ObjectWrite(Object);

    /// <summary>Replace an object's status; refused when the object changed since it was read.</summary>
    internal sealed record UpdateStatus(KubernetesObject Object) : ObjectWrite(Object);

    /// <summary>Replace an object together with its status, as one version; refused when it changed since it was read.</summary>
    internal sealed record UpdateWhole(KubernetesObject Object) : ObjectWrite(Object);

    /// <summary>Replace a namespace's <c>spec.finalizers</c>, which only its finalize subresource may.</summary>
    internal sealed record Finalize(KubernetesObject Object) : ObjectWrite(Object);

    /// <summary>Delete an object, if it is still the one with this uid; its dependents follow in the background.</summary>
    /// <param name="Object">The object as it was read.</param>
    /// <param name="Now">Without a grace period: what is left is to remove the record.</param>
    internal sealed record Delete(KubernetesObject Object, bool Now = false) : ObjectWrite(Object);
}

/// <summary>What a controller wants for one object.</summary>
/// <param name="Writes">The changes, in order.</param>
/// <param name="CheckAgain">When the object must be looked at again though nothing changes, or null.</param>
internal sealed record ControllerPlan(IReadOnlyList<ObjectWrite> Writes, TimeSpan? CheckAgain = null)
{
    public static readonly ControllerPlan Nothing = new([]);
}
