using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Objects;

/// <summary>Rules of Ingresses.</summary>
internal static class IngressValidation
{
    private static readonly string[] Types = ["Exact", "ImplementationSpecific", "Prefix"];

    public static void Check(YamlMap tree, List<FieldProblem> problems)
    {
        var rules = tree.Maps("spec", "rules").ToList();
        if (rules.Count == 0 && tree.At("spec", "defaultBackend") is null)
        {
            problems.Add(FieldProblem.Invalid("spec", tree["spec"], "either `defaultBackend` or `rules` must be specified"));
        }

        for (var i = 0; i < rules.Count; i++)
        {
            var host = rules[i].Text("host");
            var plain = host.StartsWith("*.", StringComparison.Ordinal) ? host[2..] : host;
            if (host.Length > 0 && NameRules.Subdomain(plain) is { } problem)
            {
                problems.Add(FieldProblem.Invalid($"spec.rules[{i}].host", host, problem));
            }

            var paths = rules[i].Maps("http", "paths").ToList();
            for (var j = 0; j < paths.Count; j++)
            {
                Path(paths[j], $"spec.rules[{i}].http.paths[{j}]", problems);
            }
        }
    }

    private static void Path(YamlMap path, string at, List<FieldProblem> problems)
    {
        var type = path.Text("pathType");
        if (type.Length > 0 && !Types.Contains(type))
        {
            problems.Add(FieldProblem.Unsupported($"{at}.pathType", type, Types));
        }
        else if (type.Length == 0 && problems.All(p => p.Field != $"{at}.pathType"))
        {
            problems.Add(FieldProblem.Required($"{at}.pathType", "pathType must be specified"));
        }

        var text = path.Text("path");
        if (type is "Exact" or "Prefix" && !text.StartsWith('/'))
        {
            problems.Add(FieldProblem.Invalid($"{at}.path", text, "must be an absolute path"));
        }
    }
}
