using System.Globalization;
using Capstan.Yaml;

namespace Capstan.Delivery.Settings;

/// <summary><c>spec.workflows</c>.</summary>
internal static partial class SettingsReader
{
    private const string Beneath = "/*";

    private static WorkflowSettings Workflows(YamlNode node, string path, List<SettingsProblem> problems)
    {
        var result = new WorkflowSettings();
        Fields(node, path, problems, (name, value) => name switch
        {
            "runnerImages" => Take(() => result = result with { RunnerImages = Texts(value, $"{path}.runnerImages", problems) }),
            "pullRequests" => Take(() => result = result with { PullRequests = Outside(value, $"{path}.pullRequests", problems) }),
            "actions" => Take(() => result = result with { Actions = Actions(value, $"{path}.actions", problems) }),
            "keep" => Take(() => result = result with { Keep = Retention(value, $"{path}.keep", problems) }),
            _ => false,
        }, "runnerImages, pullRequests, actions, keep");
        return result;
    }

    private static PublicActionSettings Actions(YamlNode node, string path, List<SettingsProblem> problems)
    {
        var result = new PublicActionSettings();
        Fields(node, path, problems, (name, value) => name switch
        {
            "from" => Take(() => result = result with { From = Host(value, $"{path}.from", problems) }),
            "allow" => Take(() => result = result with { Allow = Owners(value, $"{path}.allow", problems) }),
            "allowPrivate" => Take(() => result = result with { AllowPrivate = Flag(value, $"{path}.allowPrivate", problems) }),
            _ => false,
        }, "from, allow, allowPrivate");
        return result;
    }

    private static string Host(YamlNode node, string path, List<SettingsProblem> problems)
    {
        var text = Text(node, path, problems).TrimEnd('/');
        if (text.Length > 0 && AllowedAddress.Read(text + Beneath, out var why) is null) problems.Add(new SettingsProblem(node.Position, $"{path}: {why}"));
        return text;
    }

    private static List<string> Owners(YamlNode node, string path, List<SettingsProblem> problems)
    {
        var result = new List<string>();
        if (node is not YamlList list)
        {
            problems.Add(new SettingsProblem(node.Position, $"{path} must be a list, it is {node.Description}"));
            return result;
        }

        for (var i = 0; i < list.Count; i++)
        {
            var text = Text(list[i], $"{path}[{i}]", problems);
            if (text.Length == 0) continue;
            if (text.Split('/') is [{ Length: > 0 } owner, { Length: > 0 } name] && !owner.Contains('*', StringComparison.Ordinal) && (name == "*" || !name.Contains('*', StringComparison.Ordinal))) result.Add(text);
            else problems.Add(new SettingsProblem(list[i].Position, $"{path}[{i}]: \"{text}\" is neither OWNER/NAME nor OWNER/*"));
        }

        return result;
    }

    private static RunRetention Retention(YamlNode node, string path, List<SettingsProblem> problems)
    {
        var result = new RunRetention();
        Fields(node, path, problems, (name, value) => name switch
        {
            "runs" => Take(() => result = result with { Runs = Count(value, $"{path}.runs", problems) }),
            "days" => Take(() => result = result with { Days = Count(value, $"{path}.days", problems) }),
            "megabytes" => Take(() => result = result with { Megabytes = Count(value, $"{path}.megabytes", problems) }),
            _ => false,
        }, "runs, days, megabytes");
        return result;
    }

    private static List<OutsideRepository> Outside(YamlNode node, string path, List<SettingsProblem> problems)
    {
        var result = new List<OutsideRepository>();
        if (node is not YamlList list)
        {
            problems.Add(new SettingsProblem(node.Position, $"{path} must be a list, it is {node.Description}"));
            return result;
        }

        for (var i = 0; i < list.Count; i++)
        {
            var here = $"{path}[{i}]";
            var (repository, provider, api, secret, isPrivate) = ("", "github", "", "", false);
            AllowedAddress? from = null;
            var before = problems.Count;
            Fields(list[i], here, problems, (name, value) => name switch
            {
                "repository" => Take(() => repository = Text(value, $"{here}.repository", problems)),
                "from" => Take(() => from = Whole(value, $"{here}.from", problems)),
                "provider" => Take(() => provider = OneOf(value, $"{here}.provider", ["github", "gitea"], problems)),
                "apiURL" => Take(() => api = Text(value, $"{here}.apiURL", problems)),
                "tokenSecret" => Take(() => secret = Text(value, $"{here}.tokenSecret", problems)),
                "allowPrivate" => Take(() => isPrivate = Flag(value, $"{here}.allowPrivate", problems)),
                _ => false,
            }, "repository, from, provider, apiURL, tokenSecret, allowPrivate");
            if (repository.Length > 0 && from is not null) result.Add(new OutsideRepository(repository, from) { Provider = provider, ApiUrl = api, TokenSecret = secret, AllowPrivate = isPrivate });
            else if (problems.Count == before) problems.Add(new SettingsProblem(list[i].Position, $"{here}: needs repository and from"));
        }

        return result;
    }

    private static AllowedAddress? Whole(YamlNode node, string path, List<SettingsProblem> problems)
    {
        var problem = "must be the address of a repository";
        if (node is YamlScalar { Kind: ScalarKind.String } text && !text.Text.EndsWith('*') && AllowedAddress.Read(text.Text, out problem) is { } address) return address;
        problems.Add(new SettingsProblem(node.Position, $"{path}: {(problem.Length > 0 ? problem : "must be the address of one repository")}"));
        return null;
    }

    private static string OneOf(YamlNode node, string path, string[] known, List<SettingsProblem> problems)
    {
        var text = Text(node, path, problems);
        if (text.Length > 0 && !known.Contains(text)) problems.Add(new SettingsProblem(node.Position, $"{path} must be one of {string.Join(", ", known)}, it is \"{text}\""));
        return text;
    }

    private static string Text(YamlNode node, string path, List<SettingsProblem> problems)
    {
        if (node is YamlScalar { Kind: ScalarKind.String, Text.Length: > 0 } text) return text.Text;
        problems.Add(new SettingsProblem(node.Position, $"{path} must be a text, it is {node.Description}"));
        return "";
    }

    private static int Count(YamlNode node, string path, List<SettingsProblem> problems)
    {
        if (node is YamlScalar scalar && int.TryParse(scalar.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0) return count;
        problems.Add(new SettingsProblem(node.Position, $"{path} must be a whole number above 0, it is {node.Description}"));
        return 1;
    }

    private static Dictionary<string, string> Texts(YamlNode node, string path, List<SettingsProblem> problems)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        if (node is not YamlMap map)
        {
            problems.Add(new SettingsProblem(node.Position, $"{path} must be a map, it is {node.Description}"));
            return result;
        }

        foreach (var entry in map) result[entry.Key] = Text(entry.Value, $"{path}.{entry.Key}", problems);
        return result;
    }
}
