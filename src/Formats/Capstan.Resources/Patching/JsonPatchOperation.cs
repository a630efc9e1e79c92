using Capstan.Yaml;

namespace Capstan.Resources;

/// <summary>One parsed operation of a JSON patch.</summary>
internal sealed record JsonPatchOperation(string Op, string PathText, string[] Path, string[]? From, YamlNode? Value)
{
    public static JsonPatchOperation Parse(YamlNode node, int index)
    {
        if (node is not YamlMap map)
        {
            throw PatchException.Malformed($"operation {index} of the JSON patch must be a map, it is {node.Description}");
        }

        var op = map["op"]?.AsString() ?? throw PatchException.Malformed($"operation {index} of the JSON patch has no \"op\"");
        if (op is not ("add" or "remove" or "replace" or "move" or "copy" or "test"))
        {
            throw PatchException.Malformed($"Unexpected kind: {op} (operation {index} of the JSON patch)");
        }

        var path = map["path"]?.AsString() ?? throw PatchException.Malformed($"operation {index} ({op}) of the JSON patch has no \"path\"");
        var from = op is "move" or "copy"
            ? Pointer(map["from"]?.AsString() ?? throw PatchException.Malformed($"operation {index} ({op}) of the JSON patch has no \"from\""), index)
            : null;
        var value = map["value"];
        if (op is "add" or "replace" && value is null)
        {
            throw PatchException.Malformed($"operation {index} ({op}) of the JSON patch has no \"value\"");
        }

        return new JsonPatchOperation(op, path, Pointer(path, index), from, value ?? YamlScalar.Null);
    }

    private static string[] Pointer(string text, int index)
    {
        try
        {
            return JsonPointer.Parse(text);
        }
        catch (FormatException e)
        {
            throw PatchException.Malformed($"operation {index} of the JSON patch: {e.Message}");
        }
    }
}
