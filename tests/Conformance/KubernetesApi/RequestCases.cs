using System.Net;
using Capstan.Yaml;

namespace Capstan.Conformance.KubernetesApi;

/// <summary>One request of a case, and what of its answer must agree.</summary>
/// <param name="Line">Where it stands in requests.txt.</param>
/// <param name="Method">The HTTP method.</param>
/// <param name="Type">The type of its body.</param>
/// <param name="Path">The path; NS stands for the case's namespace.</param>
/// <param name="Body">The body, as JSON; empty for none.</param>
/// <param name="Select">Paths in the answer.</param>
public sealed record ApiRequest(int Line, HttpMethod Method, string Type, string Path, string Body, IReadOnlyList<string> Select);

/// <summary>The cases of testdata/requests.txt, and the answers to them in the form that is compared.</summary>
public static class RequestCases
{
    private static readonly string[] SameWords = ["NotFound", "AlreadyExists", "Conflict"];

    public static string Folder
    {
        get
        {
            var root = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(root.FullName, "Capstan.slnx")))
            {
                root = root.Parent ?? throw new InvalidOperationException("The tests run outside the repository.");
            }

            return Path.Combine(root.FullName, "tests", "Conformance", "KubernetesApi", "testdata");
        }
    }

    public static IReadOnlyDictionary<string, List<ApiRequest>> Read()
    {
        var cases = new Dictionary<string, List<ApiRequest>>(StringComparer.Ordinal);
        List<ApiRequest> current = [];
        var number = 0;
        foreach (var line in File.ReadAllLines(Path.Combine(Folder, "requests.txt")))
        {
            number++;
            if (line.StartsWith("== ", StringComparison.Ordinal))
            {
                cases[line[3..]] = current = [];
            }
            else if (line.Length > 0 && line[0] != '#')
            {
                current.Add(Parse(number, line));
            }
        }

        return cases;
    }

    /// <summary>The differences that are known, each with its reason: the beginning of a request's line → why.</summary>
    public static IReadOnlyDictionary<string, string> Differences() => File.ReadAllLines(Path.Combine(Folder, "differences.txt"))
        .Where(l => l.Length > 0 && l[0] != '#').Select(l => l.Split(" => ", 2)).ToDictionary(p => p[0], p => p[1], StringComparer.Ordinal);

    /// <summary>What of an answer is compared, one fact a line.</summary>
    public static IEnumerable<string> Facts(ApiRequest request, HttpStatusCode status, YamlMap body, string space)
    {
        yield return $"code {(int)status}";
        if ((int)status >= 400)
        {
            var reason = body["reason"]?.AsString() ?? "";
            yield return $"reason {reason}";
            foreach (var cause in (body.At("details", "causes") as YamlList ?? YamlList.Empty).OfType<YamlMap>().Select(c => $"cause {c["reason"]?.AsString()} {c["field"]?.AsString()}").Distinct().Order(StringComparer.Ordinal))
            {
                yield return cause;
            }

            if (SameWords.Contains(reason) && request.Select.Contains(".message"))
            {
                yield return $"message {body["message"]?.AsString()}".Replace(space, "NS", StringComparison.Ordinal);
            }

            yield break;
        }

        foreach (var path in request.Select.Where(p => p != ".message"))
        {
            yield return $"{path} {Sorted(At(body, path))}".Replace(space, "NS", StringComparison.Ordinal);
        }
    }

    private static ApiRequest Parse(int number, string line)
    {
        var select = Array.Empty<string>();
        var arrow = line.LastIndexOf(" -> ", StringComparison.Ordinal);
        if (arrow > 0)
        {
            select = line[(arrow + 4)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            line = line[..arrow];
        }

        var parts = line.Split(' ', 3);
        var method = parts[0].Split(':');
        var type = method.Length == 1 ? "application/json" : method[1] switch
        {
            "merge" => "application/merge-patch+json",
            "json" => "application/json-patch+json",
            "strategic" => "application/strategic-merge-patch+json",
            _ => "application/apply-patch+yaml",
        };
        return new ApiRequest(number, new HttpMethod(method[0]), type, parts[1], parts.Length > 2 ? parts[2] : "", select);
    }

    private static YamlNode? At(YamlNode? node, string path)
    {
        foreach (var step in path.Replace("[", ".[", StringComparison.Ordinal).Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            node = step[0] == '[' ? (node is YamlList list && int.Parse(step[1..^1], System.Globalization.CultureInfo.InvariantCulture) is var i && i < list.Count ? list[i] : null) : (node as YamlMap)?[step];
        }

        return node;
    }

    private static string Sorted(YamlNode? node) => node switch
    {
        null => "absent",
        YamlMap map => $"{{{string.Join(",", map.OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => $"\"{e.Key}\":{Sorted(e.Value)}"))}}}",
        YamlList list => $"[{string.Join(",", list.Select(Sorted))}]",
        _ => JsonText.Write(node),
    };
}
