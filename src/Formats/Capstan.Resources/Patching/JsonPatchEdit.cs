using Capstan.Yaml;

namespace Capstan.Resources;

/// <summary>The edits of JSON patches on immutable trees.</summary>
internal static class JsonPatchEdit
{
    public static YamlNode? TryGet(YamlNode document, ReadOnlySpan<string> path)
    {
        YamlNode? node = document;
        foreach (var token in path)
        {
            node = node switch
            {
                YamlMap map => map[token],
                YamlList list when TryExisting(list, token, out var index) => list[index],
                _ => null,
            };
        }

        return node;
    }

    public static YamlNode Get(YamlNode document, string[] path, JsonPatchOperation operation) =>
        TryGet(document, path) ?? throw Missing(operation, path);

    public static YamlNode Add(YamlNode document, string[] path, YamlNode value, JsonPatchOperation operation) =>
        Edit(document, path, operation, (parent, token) => parent switch
        {
            YamlMap map => map.With(token, value),
            YamlList list when token == "-" => list.Append(value),
            YamlList list when TryIndex(list.Count + 1, token, out var index) => new YamlList([.. list.Take(index), value, .. list.Skip(index)], list.Position),
            YamlList list => throw OutOfRange(operation, token, list.Count),
            _ => throw Missing(operation, path),
        }, value);

    public static YamlNode Remove(YamlNode document, string[] path, JsonPatchOperation operation) =>
        Edit(document, path, operation, (parent, token) => parent switch
        {
            YamlMap map when map.ContainsKey(token) => map.Without(token),
            YamlList list when TryExisting(list, token, out var index) => new YamlList([.. list.Take(index), .. list.Skip(index + 1)], list.Position),
            YamlList list => throw OutOfRange(operation, token, list.Count),
            _ => throw Missing(operation, path),
        }, YamlScalar.Null);

    public static YamlNode Replace(YamlNode document, string[] path, YamlNode value, JsonPatchOperation operation) =>
        Edit(document, path, operation, (parent, token) => parent switch
        {
            YamlMap map when map.ContainsKey(token) => map.With(token, value),
            YamlList list when TryExisting(list, token, out var index) => list.WithItem(index, value),
            YamlList list => throw OutOfRange(operation, token, list.Count),
            _ => throw Missing(operation, path),
        }, value);

    // Paths may be as long as the patch; the walk is therefore a loop with the parents on a list.
    private static YamlNode Edit(
        YamlNode document, string[] path, JsonPatchOperation operation, Func<YamlNode, string, YamlNode> edit, YamlNode whole)
    {
        if (path.Length == 0)
        {
            return whole;
        }

        var parents = new List<YamlNode>(path.Length) { document };
        for (var i = 0; i < path.Length - 1; i++)
        {
            parents.Add(TryGet(parents[i], path.AsSpan(i, 1)) ?? throw Missing(operation, path));
        }

        var node = edit(parents[^1], path[^1]);
        for (var i = path.Length - 2; i >= 0; i--)
        {
            node = parents[i] switch
            {
                YamlMap map => map.With(path[i], node),
                YamlList list when TryExisting(list, path[i], out var index) => list.WithItem(index, node),
                _ => throw Missing(operation, path),
            };
        }

        return node;
    }

    private static bool TryExisting(YamlList list, string token, out int index) => TryIndex(list.Count, token, out index);

    private static bool TryIndex(int count, string token, out int index)
    {
        var negative = token.StartsWith('-');
        if (!JsonPointer.TryIndex(negative ? token[1..] : token, out index))
        {
            return false;
        }

        index = negative ? count - index : index;
        return index >= 0 && index < count;
    }

    private static PatchException Missing(JsonPatchOperation operation, string[] path) => operation.Op switch
    {
        "remove" => PatchException.DoesNotApply($"remove operation does not apply: doc is missing path: {operation.PathText}: missing value"),
        "replace" => PatchException.DoesNotApply($"replace operation does not apply: doc is missing key: {operation.PathText}: missing value"),
        var op => PatchException.DoesNotApply($"{op} operation does not apply: doc is missing path: {JsonPointer.Format(path)}: missing value"),
    };

    private static PatchException OutOfRange(JsonPatchOperation operation, string token, int count) =>
        PatchException.DoesNotApply(
            $"{operation.Op} operation does not apply: Unable to access invalid index \"{token}\" at {operation.PathText}: the list has {count} items");
}
