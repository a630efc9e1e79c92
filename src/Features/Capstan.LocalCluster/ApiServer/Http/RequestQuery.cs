using System.Globalization;
using Capstan.LocalCluster.ApiServer.Catalog;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.LocalCluster.ApiServer.Operations;
using Capstan.Yaml;
using Microsoft.AspNetCore.Http;

namespace Capstan.LocalCluster.ApiServer.Http;

/// <summary>Reads query parameters; what cannot be understood is refused.</summary>
internal static class RequestQuery
{
    private const int LongestManager = 128;

    public static bool Watches(HttpRequest request) => Flag(request, "watch");

    public static ListOptions List(HttpRequest request, ServedResource resource)
    {
        var query = request.Query;
        return new ListOptions
        {
            Labels = Labels(query["labelSelector"].ToString()),
            Fields = FieldSelector.Parse(query["fieldSelector"].ToString(), resource),
            Limit = Number(request, "limit") ?? 0,
            Continue = query["continue"].ToString(),
            ResourceVersion = query["resourceVersion"].ToString(),
            ResourceVersionMatch = query["resourceVersionMatch"].ToString(),
            AllowBookmarks = Flag(request, "allowWatchBookmarks"),
            SendInitialEvents = InitialEvents(request),
            Timeout = Number(request, "timeoutSeconds") is > 0 and { } seconds ? TimeSpan.FromSeconds(Math.Min(seconds, 86_400)) : null,
        };
    }

    public static WriteOptions Write(HttpRequest request, bool apply)
    {
        var manager = request.Query["fieldManager"].ToString();
        if (apply && manager.Length == 0)
        {
            throw new ApiStatusException(422, ApiReasons.Invalid, "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch",
                YamlMap.Of(("causes", YamlList.Create([YamlMap.Of(("reason", "FieldValueRequired"), ("message", "Required value: is required for apply patch"), ("field", "fieldManager"))]))));
        }

        if (manager.Length > LongestManager)
        {
            throw new ApiStatusException(422, ApiReasons.Invalid, $"PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Too long: may not be more than {LongestManager} bytes");
        }

        var force = Flag(request, "force");
        if (force && !apply && HttpMethods.IsPatch(request.Method))
        {
            throw new ApiStatusException(422, ApiReasons.Invalid, "PatchOptions.meta.k8s.io \"\" is invalid: force: Forbidden: may not be specified for non-apply patch");
        }

        return new WriteOptions
        {
            FieldManager = manager.Length > 0 ? manager : ManagerOf(request.Headers.UserAgent.ToString()),
            Force = force,
            DryRun = DryRun(request.Query["dryRun"].ToString()),
            User = RequestUser.Of(request.HttpContext),
            FieldValidation = request.Query["fieldValidation"].ToString() switch
            {
                "" or "Warn" => FieldValidation.Warn,
                "Ignore" => FieldValidation.Ignore,
                "Strict" => FieldValidation.Strict,
                var other => throw new ApiStatusException(422, ApiReasons.Invalid,
                    $"CreateOptions.meta.k8s.io \"\" is invalid: fieldValidation: Unsupported value: \"{other}\": supported values: \"Ignore\", \"Strict\", \"Warn\""),
            },
        };
    }

    /// <summary>The options of a deletion: from the query and, where they are given there, from the body.</summary>
    public static DeleteOptions Delete(HttpRequest request, YamlMap? body)
    {
        body ??= YamlMap.Empty;
        var policy = body.Text("propagationPolicy") is { Length: > 0 } given ? given : request.Query["propagationPolicy"].ToString();
        var orphan = body.IsTrue("orphanDependents") || Flag(request, "orphanDependents");
        return new DeleteOptions
        {
            GracePeriodSeconds = body.Number("gracePeriodSeconds") ?? Number(request, "gracePeriodSeconds"),
            PropagationPolicy = policy.Length > 0 ? policy : orphan ? "Orphan" : null,
            Uid = body.Text("preconditions", "uid"),
            ResourceVersion = body.Text("preconditions", "resourceVersion"),
            DryRun = DryRun(request.Query["dryRun"].ToString()) || body["dryRun"] is YamlList { Count: > 0 },
            User = RequestUser.Of(request.HttpContext),
        };
    }

    private static bool? InitialEvents(HttpRequest request)
    {
        var match = request.Query["resourceVersionMatch"].ToString();
        var asked = request.Query.ContainsKey("sendInitialEvents");
        if (!asked || !Watches(request))
        {
            return asked ? throw Invalid("sendInitialEvents", "Forbidden: sendInitialEvents is forbidden for list")
                : match.Length > 0 && Watches(request) ? throw Invalid("resourceVersionMatch", "Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided")
                : null;
        }

        return match == "NotOlderThan" ? Flag(request, "sendInitialEvents")
            : throw Invalid("resourceVersionMatch", $"Invalid value: \"{match}\": sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
    }

    private static ApiStatusException Invalid(string field, string problem) =>
        new(422, ApiReasons.Invalid, $"ListOptions.meta.k8s.io \"\" is invalid: {field}: {problem}");

    private static LabelSelector Labels(string text)
    {
        try
        {
            return LabelSelector.Parse(text);
        }
        catch (FormatException error)
        {
            throw ApiErrors.BadRequest(error.Message);
        }
    }

    private static bool DryRun(string text) => text switch
    {
        "" => false,
        "All" => true,
        _ => throw new ApiStatusException(422, ApiReasons.Invalid, $"CreateOptions.meta.k8s.io \"\" is invalid: dryRun: Unsupported value: \"{text}\": supported values: \"All\""),
    };

    // The part of the user agent before the slash, as the API server names managers that give no name.
    private static string ManagerOf(string agent)
    {
        var name = agent.Split('/', ' ')[0];
        return name.Length == 0 ? "unknown" : name[..Math.Min(name.Length, LongestManager)];
    }

    private static bool Flag(HttpRequest request, string name) => request.Query.TryGetValue(name, out var value) && value.ToString() is not ("false" or "0" or "False");

    private static long? Number(HttpRequest request, string name)
    {
        var text = request.Query[name].ToString();
        if (text.Length == 0)
        {
            return null;
        }

        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw ApiErrors.BadRequest($"strconv.ParseInt: parsing \"{text}\": invalid syntax ({name})");
    }
}
