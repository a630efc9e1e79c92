using Capstan.Registry.Routing;
using Capstan.Registry.Tokens;

namespace Capstan.Registry.Endpoints;

/// <summary>One thing that can be done: a method of a path, the action whose right it needs, and what serves it.</summary>
internal sealed record RegistryOperation(string Method, RegistryTarget Target, RegistryAction Action, Func<RegistryVisit, Task> ServeAsync)
{
    /// <summary>Everything that can be done with a repository. What is not here is answered with 405.</summary>
    public static readonly IReadOnlyList<RegistryOperation> All =
    [
        new("GET", RegistryTarget.Manifest, RegistryAction.Pull, GetManifest.ServeAsync),
        new("HEAD", RegistryTarget.Manifest, RegistryAction.Pull, GetManifest.ServeAsync),
        new("PUT", RegistryTarget.Manifest, RegistryAction.Push, PutManifest.ServeAsync),
        new("DELETE", RegistryTarget.Manifest, RegistryAction.Delete, DeleteManifest.ServeAsync),
        new("GET", RegistryTarget.Blob, RegistryAction.Pull, GetBlob.ServeAsync),
        new("HEAD", RegistryTarget.Blob, RegistryAction.Pull, GetBlob.ServeAsync),
        new("DELETE", RegistryTarget.Blob, RegistryAction.Delete, DeleteBlob.ServeAsync),
        new("POST", RegistryTarget.Uploads, RegistryAction.Push, StartUpload.ServeAsync),
        new("GET", RegistryTarget.Upload, RegistryAction.Push, GetUpload.ServeAsync),
        new("HEAD", RegistryTarget.Upload, RegistryAction.Push, GetUpload.ServeAsync),
        new("PATCH", RegistryTarget.Upload, RegistryAction.Push, PatchUpload.ServeAsync),
        new("PUT", RegistryTarget.Upload, RegistryAction.Push, FinishUpload.ServeAsync),
        new("DELETE", RegistryTarget.Upload, RegistryAction.Push, CancelUpload.ServeAsync),
        new("GET", RegistryTarget.Tags, RegistryAction.Pull, ListTags.ServeAsync),
        new("GET", RegistryTarget.Referrers, RegistryAction.Pull, ListReferrers.ServeAsync),
    ];
}
