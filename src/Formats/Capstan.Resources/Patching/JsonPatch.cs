using Capstan.Yaml;

namespace Capstan.Resources;

/// <summary>
/// JSON patches (RFC 6902), with the API server's limits. As there, a negative index counts from the end of a list.
/// </summary>
public static class JsonPatch
{
    /// <summary>More operations than this are refused.</summary>
    public const int MaxOperations = 10_000;

    /// <summary>By how many bytes all <c>copy</c> operations together may grow the object: 3 MiB.</summary>
    public const long MaxCopiedBytes = 3 * 1024 * 1024;

    /// <summary>Applies the operations in order; when one fails nothing is changed.</summary>
    /// <exception cref="PatchException">The patch is malformed, too large, or does not apply.</exception>
    public static YamlNode Apply(YamlNode document, YamlNode patch)
    {
        if (patch is not YamlList operations)
        {
            throw PatchException.Malformed($"a JSON patch must be a list of operations, this is {patch.Description}");
        }

        if (operations.Count > MaxOperations)
        {
            throw new PatchException(
                PatchProblem.TooLarge, $"The allowed maximum operations in a JSON patch is {MaxOperations}, got {operations.Count}");
        }

        var parsed = operations.Select((operation, i) => JsonPatchOperation.Parse(operation, i)).ToArray();
        long copied = 0;
        foreach (var operation in parsed)
        {
            document = ApplyOne(document, operation, ref copied);
        }

        return document;
    }

    private static YamlNode ApplyOne(YamlNode document, JsonPatchOperation operation, ref long copied)
    {
        switch (operation.Op)
        {
            case "add":
                return JsonPatchEdit.Add(document, operation.Path, operation.Value!, operation);
            case "remove":
                return JsonPatchEdit.Remove(document, operation.Path, operation);
            case "replace":
                return JsonPatchEdit.Replace(document, operation.Path, operation.Value!, operation);
            case "move":
                var moved = JsonPatchEdit.Get(document, operation.From!, operation);
                return JsonPatchEdit.Add(JsonPatchEdit.Remove(document, operation.From!, operation), operation.Path, moved, operation);
            case "copy":
                var source = JsonPatchEdit.Get(document, operation.From!, operation);
                copied += JsonText.WriteBytes(source).Length;
                if (copied > MaxCopiedBytes)
                {
                    throw new PatchException(
                        PatchProblem.TooLarge,
                        $"Unable to copy, the accumulated size increase of copy is {copied}, exceeding the limit {MaxCopiedBytes}");
                }

                return JsonPatchEdit.Add(document, operation.Path, source, operation);
            default:
                Test(document, operation);
                return document;
        }
    }

    private static void Test(YamlNode document, JsonPatchOperation operation)
    {
        // An absent value passes a test for null, as the API server's library has it.
        var found = JsonPatchEdit.TryGet(document, operation.Path);
        if (found is null ? !operation.Value!.IsNull : !found.Equals(operation.Value))
        {
            throw PatchException.DoesNotApply($"testing value {operation.PathText} failed: test failed");
        }
    }
}
