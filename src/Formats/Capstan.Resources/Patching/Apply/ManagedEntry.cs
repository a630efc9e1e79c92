using System.Globalization;
using Capstan.Yaml;

namespace Capstan.Resources;

/// <summary>How a manager came to own fields.</summary>
public enum ManagedOperation : byte
{
    /// <summary>By server-side apply.</summary>
    Apply,

    /// <summary>By create, update or another patch.</summary>
    Update,
}

/// <summary>One entry of <c>metadata.managedFields</c>.</summary>
/// <param name="Manager">Who.</param>
/// <param name="Operation">How.</param>
/// <param name="ApiVersion">In which version the fields are named.</param>
/// <param name="Subresource">Through which subresource; empty for the object itself.</param>
/// <param name="Time">When the entry last changed, in whole seconds; null when unknown.</param>
/// <param name="Fields">What is owned.</param>
public sealed record ManagedEntry(
    string Manager, ManagedOperation Operation, string ApiVersion, string Subresource, DateTimeOffset? Time, FieldSet Fields)
{
    /// <summary>Whether both are entries of the same owner: an applier is one whatever the version, an updater is one a version.</summary>
    public bool IsSameOwner(ManagedEntry other) => Manager == other.Manager && Operation == other.Operation && Subresource == other.Subresource
        && (Operation == ManagedOperation.Apply || ApiVersion == other.ApiVersion);

    /// <summary>As messages of conflicts have it: <c>"kubectl" using apps/v1</c>.</summary>
    public string Describe()
    {
        var name = $"\"{Manager}\"" + (Subresource.Length > 0 ? $" with subresource \"{Subresource}\"" : "");
        return Operation == ManagedOperation.Update ? $"{name} using {ApiVersion}" : name;
    }

    internal static ManagedEntry Parse(YamlNode node)
    {
        var map = node as YamlMap ?? throw new FormatException($"an entry of metadata.managedFields must be a map, it is {node.Description}");
        var operation = map["operation"]?.AsString() switch
        {
            "Apply" => ManagedOperation.Apply,
            "Update" => ManagedOperation.Update,
            _ => throw new FormatException("operation must be `Apply` or `Update`"),
        };
        var version = map["apiVersion"]?.AsString() is { Length: > 0 } text ? text : throw new FormatException("apiVersion must not be empty");
        DateTimeOffset? time = DateTimeOffset.TryParse(
            map["time"]?.AsString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var parsed) ? parsed : null;
        return new ManagedEntry(
            map["manager"]?.AsString() ?? "", operation, version, map["subresource"]?.AsString() ?? "", time,
            map["fieldsV1"] is { IsNull: false } fields ? FieldSet.Parse(fields) : FieldSet.Empty);
    }

    internal YamlMap ToMap()
    {
        var builder = new YamlMapBuilder(7);
        if (Manager.Length > 0)
        {
            builder.Set("manager", Manager);
        }

        builder.Set("operation", Operation.ToString()).Set("apiVersion", ApiVersion);
        if (Time is { } time)
        {
            builder.Set("time", time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        }

        builder.Set("fieldsType", "FieldsV1").Set("fieldsV1", Fields.ToFieldsV1());
        if (Subresource.Length > 0)
        {
            builder.Set("subresource", Subresource);
        }

        return builder.ToMap();
    }
}
