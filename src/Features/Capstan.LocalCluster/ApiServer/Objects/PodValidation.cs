using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Objects;

/// <summary>Rules of pods and their templates.</summary>
internal static class PodValidation
{
    public static void Spec(YamlMap spec, string path, List<FieldProblem> problems)
    {
        if (spec["containers"] is not YamlList { Count: > 0 } && problems.All(p => p.Field != $"{path}.containers"))
        {
            problems.Add(FieldProblem.Required($"{path}.containers"));
        }

        if (spec.Text("restartPolicy") is { Length: > 0 } policy and not ("Always" or "OnFailure" or "Never"))
        {
            problems.Add(FieldProblem.Unsupported($"{path}.restartPolicy", policy, "Always", "OnFailure", "Never"));
        }

        if (spec.Number("activeDeadlineSeconds") is < 1 and { } deadline)
        {
            problems.Add(FieldProblem.Invalid($"{path}.activeDeadlineSeconds", deadline, "must be between 1 and 2147483647, inclusive"));
        }

        foreach (var field in (ReadOnlySpan<string>)["hostname", "subdomain"])
        {
            if (spec.Text(field) is { Length: > 0 } name && NameRules.Label(name) is { } problem)
            {
                problems.Add(FieldProblem.Invalid($"{path}.{field}", name, problem));
            }
        }

        var volumes = Volumes(spec, path, problems);
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var list in (ReadOnlySpan<string>)["initContainers", "containers"])
        {
            var index = 0;
            foreach (var container in spec.Maps(list))
            {
                Container(container, $"{path}.{list}[{index++}]", names, volumes, problems);
            }
        }
    }

    /// <summary>A pod's specification stays as it is, but for the few fields that Kubernetes lets change.</summary>
    public static void Unchanged(YamlMap tree, YamlMap live, List<FieldProblem> problems)
    {
        if (tree.Maps("spec", "containers").Count() != live.Maps("spec", "containers").Count())
        {
            problems.Add(FieldProblem.Forbidden("spec.containers", "pod updates may not add or remove containers"));
        }
        else if (!Fixed(tree.MapAt("spec")).Equals(Fixed(live.MapAt("spec"))))
        {
            problems.Add(FieldProblem.Forbidden("spec",
                "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"));
        }
    }

    public static void Port(YamlNode? value, string path, List<FieldProblem> problems)
    {
        if (value is YamlScalar scalar && scalar.TryGetInteger(out var port) && port is < 1 or > 65_535)
        {
            problems.Add(FieldProblem.Invalid(path, value, "must be between 1 and 65535, inclusive"));
        }
    }

    // nodeName is set once by who schedules; images, deadlines and tolerations may change.
    private static YamlMap Fixed(YamlMap spec) => spec.Without("nodeName").Without("activeDeadlineSeconds").Without("tolerations").Without("terminationGracePeriodSeconds")
        .ChangeEach("containers", c => c.Without("image").Without("imagePullPolicy")).ChangeEach("initContainers", c => c.Without("image").Without("imagePullPolicy"));

    private static void Resources(YamlMap container, string path, List<FieldProblem> problems)
    {
        var limits = container.MapAt("resources", "limits");
        foreach (var (name, wanted) in container.MapAt("resources", "requests"))
        {
            if (limits[name] is YamlScalar most && wanted is YamlScalar least
                && Quantities.TryParse(most.Text, out var limit) && Quantities.TryParse(least.Text, out var request) && request > limit)
            {
                problems.Add(FieldProblem.Invalid($"{path}.resources.requests", least.Text, $"must be less than or equal to {name} limit of {most.Text}"));
            }
        }
    }

    private static HashSet<string> Volumes(YamlMap spec, string path, List<FieldProblem> problems)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var index = 0;
        foreach (var volume in spec.Maps("volumes"))
        {
            var name = volume.Text("name");
            if (name.Length > 0 && NameRules.Label(name) is { } problem)
            {
                problems.Add(FieldProblem.Invalid($"{path}.volumes[{index}].name", name, problem));
            }

            if (!names.Add(name))
            {
                problems.Add(FieldProblem.Duplicate($"{path}.volumes[{index}].name", name));
            }

            index++;
        }

        return names;
    }

    private static void Container(YamlMap container, string path, HashSet<string> names, HashSet<string> volumes, List<FieldProblem> problems)
    {
        Named(container, path, names, problems);
        Resources(container, path, problems);
        Parts(container, path, volumes, problems);
    }

    /// <summary>What every container needs: a name of its own, an image, a policy that exists.</summary>
    public static void Named(YamlMap container, string path, HashSet<string> names, List<FieldProblem> problems)
    {
        var name = container.Text("name");
        if (name.Length > 0 && NameRules.Label(name) is { } problem)
        {
            problems.Add(FieldProblem.Invalid($"{path}.name", name, problem));
        }
        else if (name.Length > 0 && !names.Add(name))
        {
            problems.Add(FieldProblem.Duplicate($"{path}.name", name));
        }

        if (container.Text("image").Length == 0 && problems.All(p => p.Field != $"{path}.image"))
        {
            problems.Add(FieldProblem.Required($"{path}.image"));
        }

        if (container.Text("imagePullPolicy") is { Length: > 0 } policy and not ("Always" or "IfNotPresent" or "Never"))
        {
            problems.Add(FieldProblem.Unsupported($"{path}.imagePullPolicy", policy, "Always", "IfNotPresent", "Never"));
        }
    }

    private static void Parts(YamlMap container, string path, HashSet<string> volumes, List<FieldProblem> problems)
    {
        var index = 0;
        foreach (var variable in container.Maps("env"))
        {
            if (variable.Text("name") is { Length: > 0 } key && (key.Contains('=', StringComparison.Ordinal) || key.Any(c => c is < ' ' or > '~')))
            {
                problems.Add(FieldProblem.Invalid($"{path}.env[{index}].name", key, "a valid environment variable name must consist only of printable ASCII characters other than '='"));
            }

            index++;
        }

        index = 0;
        foreach (var port in container.Maps("ports"))
        {
            Port(port["containerPort"], $"{path}.ports[{index++}].containerPort", problems);
        }

        index = 0;
        foreach (var mount in container.Maps("volumeMounts"))
        {
            if (!volumes.Contains(mount.Text("name")) && mount.Text("name") is { Length: > 0 } volume)
            {
                problems.Add(new FieldProblem("FieldValueNotFound", $"{path}.volumeMounts[{index}].name", $"Not found: \"{volume}\""));
            }

            if (mount.Text("subPath") is ['/', ..] absolute)
            {
                problems.Add(FieldProblem.Invalid($"{path}.volumeMounts[{index}].subPath", absolute, "must be a relative path"));
            }

            index++;
        }
    }
}
