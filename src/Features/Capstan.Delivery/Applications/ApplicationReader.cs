using Capstan.Kubernetes;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Applications;

/// <summary>Reads Applications. It never throws: what is wrong or not served becomes a problem of the Application.</summary>
public static class ApplicationReader
{
    private const int DefaultHistoryLimit = 10;

    // Options whose value is what happens anyway.
    private static readonly HashSet<string> WithoutEffect = new(StringComparer.Ordinal) { "Prune=true", "Delete=true" };

    /// <summary>Reads one Application.</summary>
    public static Application Read(KubernetesObject @object)
    {
        var problems = new List<string>();
        var body = @object.Body["spec"];
        if (body is not YamlMap)
        {
            problems.Add(body is null or { IsNull: true } ? "spec is missing" : $"spec must be a map, it is {body.Description}");
        }

        var spec = new FieldReader(body as YamlMap ?? YamlMap.Empty, "spec", problems);
        var sources = ReadSources(spec, problems);
        var destination = ReadDestination(spec);
        var project = spec.Text("project");
        var policy = ReadPolicy(spec);
        var ignored = IgnoredReader.Read(spec, problems);
        var history = spec.Number("revisionHistoryLimit", DefaultHistoryLimit);
        spec.Ignore("info");
        if (body is YamlMap)
        {
            spec.RefuseTheRest();
        }

        CheckAnnotations(@object, problems);
        return new Application(@object, sources, destination, project.Length == 0 ? "default" : project, policy, (int)Math.Clamp(history, 0, 1000), problems)
        {
            Ignored = ignored,
            HasSources = spec.Map["sources"] is YamlList { Count: > 0 },
        };
    }

    private static IReadOnlyList<ApplicationSource> ReadSources(FieldReader spec, List<string> problems)
    {
        // "sources" present means "source" is ignored.
        if (spec.Items("sources") is { Count: > 0 } several)
        {
            spec.Ignore("source");
            return SourceReader.ReadAll(several, problems);
        }

        if (spec.Inner("source") is not { } source)
        {
            spec.Problem("spec.source is missing");
            return [new ApplicationSource("", "", "", new DirectoryOptions(), YamlMap.Empty)];
        }

        return [SourceReader.Read(source.Map, "spec.source", problems)];
    }

    private static ApplicationDestination ReadDestination(FieldReader spec)
    {
        if (spec.Inner("destination") is not { } destination)
        {
            spec.Problem("spec.destination is missing");
            return new ApplicationDestination("", "", "");
        }

        var read = new ApplicationDestination(destination.Text("server"), destination.Text("name"), destination.Text("namespace"));
        destination.RefuseTheRest();
        if (read.Server.Length == 0 && read.Name.Length == 0)
        {
            spec.Problem($"spec.destination names no cluster; set server: {ApplicationDestination.InCluster}, or name");
        }
        else if (read.Server.Length > 0 && read.Name.Length > 0)
        {
            spec.Problem("spec.destination has both server and name; leave one of them out");
        }

        return read;
    }

    private static SyncPolicy ReadPolicy(FieldReader spec)
    {
        if (spec.Inner("syncPolicy") is not { } policy)
        {
            return SyncPolicy.Manual;
        }

        AutomatedSync? automated = null;
        if (policy.Inner("automated") is { } automation)
        {
            var read = new AutomatedSync(automation.Flag("prune"), automation.Flag("selfHeal"), automation.Flag("allowEmpty"));
            automated = automation.Flag("enabled", absent: true) ? read : null;
            automation.RefuseTheRest();
        }

        var options = ReadOptions(policy);
        var retry = ReadRetry(policy);
        var metadata = ReadNamespaceMetadata(policy);
        policy.RefuseTheRest();
        return new SyncPolicy(automated, options, retry) { NamespaceMetadata = metadata };
    }

    private static YamlMap? ReadNamespaceMetadata(FieldReader policy)
    {
        if (policy.Inner("managedNamespaceMetadata") is not { } metadata)
        {
            return null;
        }

        var read = new YamlMapBuilder();
        foreach (var field in (ReadOnlySpan<string>)["labels", "annotations"])
        {
            if (metadata.Inner(field) is { } texts)
            {
                read.Set(field, YamlMap.Of([.. texts.Map.Keys.Select(k => (k, (YamlNode)texts.Text(k)))]));
            }
        }

        metadata.RefuseTheRest();
        return read.ToMap();
    }

    private static SyncOptions ReadOptions(FieldReader policy)
    {
        var options = new SyncOptions();
        foreach (var item in policy.Items("syncOptions"))
        {
            var text = item.AsString() ?? item.ToString();
            switch (text.Replace(" ", "", StringComparison.Ordinal))
            {
                case "CreateNamespace=true" or "CreateNamespace=false":
                    options = options with { CreateNamespace = text.EndsWith("true", StringComparison.Ordinal) };
                    break;
                case "ServerSideApply=true" or "ServerSideApply=false":
                    options = options with { ServerSideApply = text.EndsWith("true", StringComparison.Ordinal) };
                    break;
                case "PruneLast=true" or "PruneLast=false":
                    options = options with { PruneLast = text.EndsWith("true", StringComparison.Ordinal) };
                    break;
                case "ApplyOutOfSyncOnly=true" or "ApplyOutOfSyncOnly=false":
                    options = options with { ApplyOutOfSyncOnly = text.EndsWith("true", StringComparison.Ordinal) };
                    break;
                case "Replace=true" or "Replace=false":
                    options = options with { Replace = text.EndsWith("true", StringComparison.Ordinal) };
                    break;
                case "RespectIgnoreDifferences=true" or "RespectIgnoreDifferences=false":
                    options = options with { RespectIgnoreDifferences = text.EndsWith("true", StringComparison.Ordinal) };
                    break;
                case "Force=true" or "Force=false":
                    options = options with { Force = text.EndsWith("true", StringComparison.Ordinal) };
                    break;
                case "FailOnSharedResource=true" or "FailOnSharedResource=false":
                    options = options with { FailOnSharedResource = text.EndsWith("true", StringComparison.Ordinal) };
                    break;
                case "Validate=true" or "Validate=false":
                    options = options with { Validate = text.EndsWith("true", StringComparison.Ordinal) };
                    break;
                case "SkipDryRunOnMissingResource=true" or "SkipDryRunOnMissingResource=false":
                    options = options with { SkipDryRunOnMissingResource = text.EndsWith("true", StringComparison.Ordinal) };
                    break;
                case "ClientSideApplyMigration=true" or "ClientSideApplyMigration=false":
                    options = options with { ClientSideApplyMigration = text.EndsWith("true", StringComparison.Ordinal) };
                    break;
                case "PrunePropagationPolicy=foreground":
                    options = options with { PrunePropagation = null };
                    break;
                case "PrunePropagationPolicy=background":
                    options = options with { PrunePropagation = DeletePropagation.Background };
                    break;
                case "PrunePropagationPolicy=orphan":
                    options = options with { PrunePropagation = DeletePropagation.Orphan };
                    break;
                case var other when WithoutEffect.Contains(other):
                    break;
                default:
                    policy.Problem($"spec.syncPolicy.syncOptions: \"{text}\" is not supported yet");
                    break;
            }
        }

        return options;
    }

    private static RetryPolicy ReadRetry(FieldReader policy)
    {
        if (policy.Inner("retry") is not { } retry)
        {
            return RetryPolicy.Default;
        }

        var read = RetryPolicy.Default with { Limit = retry.Number("limit", RetryPolicy.Default.Limit) };
        if (retry.Inner("backoff") is { } backoff)
        {
            read = read with
            {
                Base = backoff.Duration("duration", read.Base),
                Factor = backoff.Number("factor", (long)read.Factor),
                Longest = backoff.Duration("maxDuration", read.Longest),
            };
            backoff.RefuseTheRest();
        }

        retry.RefuseTheRest();
        return read;
    }

    private static void CheckAnnotations(KubernetesObject @object, List<string> problems)
    {
        if (@object.Annotation(Application.PollAnnotation) is { } poll && !DurationText.TryParse(poll, out _))
        {
            problems.Add($"annotation {Application.PollAnnotation}: \"{poll}\" is no duration; write it like 30s or 5m");
        }
    }
}
