using Capstan.Delivery.Sync;
using Capstan.Kubernetes;
using Capstan.Resources;

namespace Capstan.Delivery.Comparing;

/// <summary>What a server would make of an object; the object is null when it refuses, and then it is said why.</summary>
internal readonly record struct PredictedObject(KubernetesObject? Object, string Refusal);

/// <summary>
/// Compares by asking the server what an apply would make of an object (Argo CD, user-guide/diff-strategies.md): defaults and admission count
/// as the server has them, and nothing has to be known of the kind.
/// </summary>
internal static class ServerSideDiff
{
    private static readonly ApplyOptions Try = new() { FieldManager = FieldTakeover.Manager, Force = true, DryRun = true };

    public static async Task<PredictedObject> PredictAsync(ClusterClient client, DesiredObject wanted, CancellationToken cancellation)
    {
        try
        {
            return new PredictedObject((await client.ApplyAsync(wanted.Object, Try, cancellation).ConfigureAwait(false)).Object, "");
        }
        catch (KubernetesException error) when (!error.IsTransient)
        {
            return new PredictedObject(null, SecretText.Hide(wanted.Object, error.ServerMessage.Length > 0 ? error.ServerMessage : error.Message));
        }
        catch (UnknownKindException error)
        {
            return new PredictedObject(null, error.Message);
        }
    }

    /// <summary>The differences without those that a mutating webhook makes: of fields that we neither set nor give up.</summary>
    public static IReadOnlyList<FieldDifference> WithoutWebhooks(KubernetesObject predicted, IReadOnlyList<FieldDifference> differences)
    {
        var ours = ManagedFields.ParseOrEmpty(predicted).Where(e => e.Manager == FieldTakeover.Manager && e.Operation == ManagedOperation.Apply).Select(e => e.Fields).ToList();
        return [.. differences.Where(d => d.Wanted is null || ours.Any(set => Has(set, d.Field)))];
    }

    // The field itself, one below it, or the value that it is a piece of.
    private static bool Has(FieldSet ours, FieldPath field)
    {
        if (ours.Has(field) || !ours.Below(field).IsEmpty)
        {
            return true;
        }

        for (var length = field.Elements.Count - 1; length > 0; length--)
        {
            var above = new FieldPath([.. field.Elements.Take(length)]);
            if (ours.Has(above) && ours.Below(above).IsEmpty)
            {
                return true;
            }
        }

        return false;
    }
}
