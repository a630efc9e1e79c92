using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Settings;

/// <summary>Something that is wrong with the settings.</summary>
/// <param name="Position">Where, as far as it is known.</param>
/// <param name="Text">What, beginning with the path of the field.</param>
internal sealed record SettingsProblem(Position Position, string Text);

/// <summary>
/// Reads the operator's settings strictly: a field that is not known, or of another type, is a problem with its place, and with any problem
/// nothing counts, so that no slip of the pen allows or forbids something unseen. A new setting is a line in one of the methods here.
/// </summary>
internal static partial class SettingsReader
{
    /// <summary>Whether an object is of the settings' kind, in whatever version.</summary>
    public static bool IsSettings(KubernetesObject manifest) => manifest.GroupKind == OperatorSettings.Kind.GroupKind;

    public static (OperatorSettings Settings, IReadOnlyList<SettingsProblem> Problems) Read(KubernetesObject manifest)
    {
        var problems = new List<SettingsProblem>();
        if (manifest.Name != OperatorSettings.Name)
        {
            problems.Add(new SettingsProblem(
                (manifest.Body.At("metadata", "name") ?? manifest.Body).Position, $"metadata.name must be {OperatorSettings.Name}, it is \"{manifest.Name}\": there is one object of this kind"));
        }

        var settings = OperatorSettings.Default;
        if (manifest.Body["spec"] is { IsNull: false } spec)
        {
            Fields(spec, "spec", problems, (name, value) => name switch
            {
                "kustomize" => Take(() => settings = settings with { Kustomize = Kustomize(value, "spec.kustomize", problems) }),
                "workflows" => Take(() => settings = settings with { Workflows = Workflows(value, "spec.workflows", problems) }),
                "terminals" => Take(() => settings = settings with { Terminals = Flag(value, "spec.terminals", problems) }),
                _ => false,
            }, "kustomize, workflows, terminals");
        }

        return (problems.Count == 0 ? settings : OperatorSettings.Default, problems);
    }

    private static KustomizeSettings Kustomize(YamlNode node, string path, List<SettingsProblem> problems)
    {
        var result = new KustomizeSettings();
        Fields(node, path, problems, (name, value) => name switch
        {
            "helmCharts" => Take(() => result = result with { HelmCharts = Flag(value, $"{path}.helmCharts", problems) }),
            "remoteBases" => Take(() => result = RemoteBases(result, value, $"{path}.remoteBases", problems)),
            _ => false,
        }, "helmCharts, remoteBases");
        return result;
    }

    private static KustomizeSettings RemoteBases(KustomizeSettings result, YamlNode node, string path, List<SettingsProblem> problems)
    {
        Fields(node, path, problems, (name, value) => name switch
        {
            "repositories" => Take(() => result = result with { RemoteBases = Addresses(value, $"{path}.repositories", problems) }),
            "submodules" => Take(() => result = result with { Submodules = Flag(value, $"{path}.submodules", problems) }),
            _ => false,
        }, "repositories, submodules");
        return result;
    }

    private static void Fields(YamlNode node, string path, List<SettingsProblem> problems, Func<string, YamlNode, bool> take, string known)
    {
        if (node is not YamlMap map)
        {
            problems.Add(new SettingsProblem(node.Position, $"{path} must be a map, it is {node.Description}"));
            return;
        }

        foreach (var entry in map)
        {
            if (!take(entry.Key, entry.Value))
            {
                problems.Add(new SettingsProblem(entry.KeyPosition, $"{path}.{entry.Key}: is not known; known are {known}"));
            }
        }
    }

    private static bool Take(Action take)
    {
        take();
        return true;
    }

    private static bool Flag(YamlNode node, string path, List<SettingsProblem> problems)
    {
        if (node is YamlScalar { Kind: ScalarKind.Boolean } flag)
        {
            return flag.Text == "true";
        }

        problems.Add(new SettingsProblem(node.Position, $"{path} must be true or false, it is {node.Description}"));
        return false;
    }

    private static List<AllowedAddress> Addresses(YamlNode node, string path, List<SettingsProblem> problems)
    {
        var result = new List<AllowedAddress>();
        if (node is not YamlList list)
        {
            problems.Add(new SettingsProblem(node.Position, $"{path} must be a list, it is {node.Description}"));
            return result;
        }

        for (var i = 0; i < list.Count; i++)
        {
            var problem = "must be a string";
            if (list[i] is YamlScalar { Kind: ScalarKind.String } text && AllowedAddress.Read(text.Text, out problem) is { } address)
            {
                result.Add(address);
            }
            else
            {
                problems.Add(new SettingsProblem(list[i].Position, $"{path}[{i}]: {problem}"));
            }
        }

        return result;
    }
}
