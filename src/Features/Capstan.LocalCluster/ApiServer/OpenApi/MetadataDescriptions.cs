using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.OpenApi;

/// <summary>What <c>kubectl explain KIND.metadata</c> tells of the fields that every object has.</summary>
internal static class MetadataDescriptions
{
    public const string Type = "meta.v1.ObjectMeta";
    public const string OfMetadata = "Standard object's metadata: its name, labels, owners and life.";

    private static readonly (string Field, string Description)[] Fields =
    [
        ("annotations", "Annotations are free texts that programs keep with the object; they cannot be selected by."),
        ("creationTimestamp", "CreationTimestamp is a timestamp of the moment at which the server made the object. Set by the server."),
        ("deletionGracePeriodSeconds", "Seconds that the object is given to end before it is removed. Set by the server when it is deleted."),
        ("deletionTimestamp", "When the object will be gone. Set by the server when it is deleted; it stays until its finalizers are empty."),
        ("finalizers", "Who must finish before the object can go; each takes its own entry away."),
        ("generateName", "The beginning of a name that the server completes when no name is given."),
        ("generation", "Counts the changes of what is wanted. Set by the server."),
        ("labels", "Labels are keys and values by which objects are found and grouped."),
        ("managedFields", "Which manager owns which fields. Set by the server."),
        ("name", "The name, unique among the objects of a kind in a namespace. It cannot change."),
        ("namespace", "The namespace in which the name is unique; empty for cluster-scoped kinds. It cannot change."),
        ("ownerReferences", "The objects on which this one depends; when all of them are gone, it is deleted."),
        ("resourceVersion", "The version of the object, to be compared for equality alone. Set by the server."),
        ("uid", "Tells the object apart from all others, earlier ones of its name included. Set by the server."),
    ];

    public static YamlMap Add(YamlMap schema)
    {
        var properties = schema["properties"] as YamlMap ?? YamlMap.Empty;
        foreach (var (field, description) in Fields)
        {
            properties = properties[field] is YamlMap known ? properties.With(field, known.With("description", description)) : properties;
        }

        return schema.With("properties", properties).With("description", "ObjectMeta is what every object that is kept has.");
    }
}
