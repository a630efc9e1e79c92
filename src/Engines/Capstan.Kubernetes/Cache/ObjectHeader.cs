namespace Capstan.Kubernetes;

/// <summary>What is read of every object that enters the cache.</summary>
internal struct ObjectHeader
{
    public string ApiVersion;
    public string Kind;
    public string Namespace;
    public string Name;
    public string Uid;
    public string ResourceVersion;
    public long Generation;
    public bool IsBeingDeleted;
    public OwnerReference[] Owners;
    public KeyValuePair<string, string>[] Marks;

    /// <summary>Where metadata.managedFields stands, with the comma before it; empty when absent or first.</summary>
    public Range ManagedFields;
}
