using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Objects;

/// <summary>Rules of ConfigMaps and Secrets.</summary>
internal static class DataValidation
{
    private const int MostBytes = 1024 * 1024;

    private static readonly Dictionary<string, string[]> NeededBy = new(StringComparer.Ordinal)
    {
        ["kubernetes.io/dockerconfigjson"] = [".dockerconfigjson"],
        ["kubernetes.io/dockercfg"] = [".dockercfg"],
        ["kubernetes.io/ssh-auth"] = ["ssh-privatekey"],
        ["kubernetes.io/tls"] = ["tls.crt", "tls.key"],
    };

    public static void Check(YamlMap tree, YamlMap? live, List<FieldProblem> problems)
    {
        long bytes = 0;
        foreach (var part in (ReadOnlySpan<string>)["data", "binaryData"])
        {
            foreach (var (key, value) in tree.MapAt(part))
            {
                Key(part, key, problems);
                bytes += System.Text.Encoding.UTF8.GetByteCount(value.AsString() ?? "");
            }
        }

        foreach (var key in tree.MapAt("binaryData").Keys.Where(tree.MapAt("data").ContainsKey))
        {
            problems.Add(FieldProblem.Invalid($"data[{key}]", key, "duplicate of key present in binaryData"));
        }

        if (bytes > MostBytes * (tree.Text("kind") == "Secret" ? 4 / 3.0 : 1))
        {
            problems.Add(FieldProblem.TooLong("", MostBytes));
        }

        if (tree.Text("kind") == "Secret")
        {
            Typed(tree, problems);
        }

        if (live is not null)
        {
            Unchanged(tree, live, problems);
        }
    }

    private static void Key(string part, string key, List<FieldProblem> problems)
    {
        if (key.Length is 0 or > 253 || key is "." or ".." || key.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.')))
        {
            problems.Add(FieldProblem.Invalid($"{part}[{key}]", key,
                "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"));
        }
    }

    private static void Typed(YamlMap tree, List<FieldProblem> problems)
    {
        var (type, data) = (tree.Text("type"), tree.MapAt("data"));
        foreach (var key in NeededBy.GetValueOrDefault(type, []).Where(k => !data.ContainsKey(k)))
        {
            problems.Add(FieldProblem.Required($"data[{key}]"));
        }

        if (type == "kubernetes.io/basic-auth" && !data.ContainsKey("username") && !data.ContainsKey("password"))
        {
            problems.Add(FieldProblem.Required("data[username]"));
            problems.Add(FieldProblem.Required("data[password]"));
        }

        if (type == Controllers.Accounts.TokenSecretController.SecretType && tree.Text("metadata", "annotations", Controllers.Accounts.TokenSecretController.AccountName).Length == 0)
        {
            problems.Add(FieldProblem.Required($"metadata.annotations[{Controllers.Accounts.TokenSecretController.AccountName}]"));
        }
    }

    private static void Unchanged(YamlMap tree, YamlMap live, List<FieldProblem> problems)
    {
        if (live.IsTrue("immutable"))
        {
            if (!tree.IsTrue("immutable"))
            {
                problems.Add(FieldProblem.Forbidden("immutable", "field is immutable when `immutable` is set"));
            }

            foreach (var part in (ReadOnlySpan<string>)["data", "binaryData"])
            {
                if (!tree.MapAt(part).Equals(live.MapAt(part)))
                {
                    problems.Add(FieldProblem.Forbidden(part, "field is immutable when `immutable` is set"));
                }
            }
        }

        if (tree.Text("type") != live.Text("type"))
        {
            problems.Add(FieldProblem.Invalid("type", tree["type"], "field is immutable"));
        }
    }
}
