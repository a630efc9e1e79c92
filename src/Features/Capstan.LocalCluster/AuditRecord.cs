namespace Capstan.LocalCluster;

/// <summary>Who did, or tried to do, what.</summary>
/// <param name="Time">When it ended.</param>
/// <param name="User">Who; empty for somebody unknown.</param>
/// <param name="Verb">Kubernetes' verb: <c>create</c>, <c>patch</c> …</param>
/// <param name="Group">The API group; empty for the core group.</param>
/// <param name="Resource">The resource, with its subresource.</param>
/// <param name="Namespace">The namespace; empty for cluster-scoped objects.</param>
/// <param name="Name">The object; empty for collections and for objects that were to be created.</param>
/// <param name="Code">How it ended, as an HTTP status code.</param>
public sealed record AuditRecord(DateTimeOffset Time, string User, string Verb, string Group, string Resource, string Namespace, string Name, int Code);
