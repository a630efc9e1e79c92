using Capstan.Delivery.Applications;
using Capstan.Yaml;

namespace Capstan.Delivery.Tests.Applications;

public sealed class ApplicationReaderTests
{
    private const string Source = "\"source\":{\"repoURL\":\"https://git.example/shop.git\",\"path\":\"deploy\",\"targetRevision\":\"main\"}";
    private const string Destination = "\"destination\":{\"server\":\"https://kubernetes.default.svc\",\"namespace\":\"shop\"}";

    [Fact]
    public void A_whole_spec_reads_into_its_records()
    {
        var read = Make.Application($$$"""
            {"project":"default","source":{"repoURL":"https://git.example/shop.git","path":"deploy","targetRevision":"v1.x",
              "directory":{"recurse":true,"include":"*.yaml","exclude":"{test,dev}/*","jsonnet":{} } },{{{Destination}}},"revisionHistoryLimit":3,
             "info":[{"name":"url","value":"x"}],
             "syncPolicy":{"automated":{"prune":true,"selfHeal":true,"allowEmpty":false},"retry":{"limit":-1,"backoff":{"duration":"1s","factor":3,"maxDuration":"1m30s"}},
              "syncOptions":["CreateNamespace=true","ServerSideApply=true","PruneLast=true","ApplyOutOfSyncOnly=true","Validate=true"]}}
            """);
        Assert.Empty(read.Problems);
        Assert.Equal(new DirectoryOptions(true, "*.yaml", "{test,dev}/*", true), read.Source.Directory);
        Assert.Equal(new AutomatedSync(Prune: true, SelfHeal: true), read.Automation);
        Assert.Equal(new SyncOptions(true, true, true, true), read.Policy.Options);
        Assert.Equal(new RetryPolicy(-1, TimeSpan.FromSeconds(1), 3, TimeSpan.FromSeconds(90)), read.Policy.Retry);
        Assert.Equal(3, read.HistoryLimit);
        Assert.Equal(["v1.x"], read.WantedRevisions);
        Assert.True(read.Destination.IsOwnCluster);
    }

    [Theory]
    [InlineData("\"sourceHydrator\":{\"drySource\":{\"repoURL\":\"x\"}}", "spec.sourceHydrator is not supported yet")]
    [InlineData("\"ignoreDifferences\":[{\"kind\":\"Deployment\",\"jqPathExpressions\":[\".spec | map(.x)\"]}]", "spec.ignoreDifferences[0].jqPathExpressions: \".spec | map(.x)\": column 9: the function map is not served; served are select, startswith, endswith, contains, has, test and not")]
    [InlineData("\"ignoreDifferences\":[{\"kind\":\"Deployment\",\"jsonPointers\":[\"spec\"]}]", "spec.ignoreDifferences[0].jsonPointers: \"spec\" is no JSON pointer: it must begin with a slash")]
    [InlineData("\"syncPolicy\":{\"managedNamespaceMetadata\":{\"finalizers\":[\"a\"]}}", "spec.syncPolicy.managedNamespaceMetadata.finalizers is not supported yet")]
    [InlineData("\"syncPolicy\":{\"syncOptions\":\"CreateNamespace=true\"}", "spec.syncPolicy.syncOptions must be a list, it is a string")]
    [InlineData("\"syncPolicy\":{\"automated\":{\"prune\":\"yes\"}}", "spec.syncPolicy.automated.prune must be true or false, it is a string")]
    [InlineData("\"syncPolicy\":{\"retry\":{\"backoff\":{\"duration\":\"-1h\"}}}", "spec.syncPolicy.retry.backoff.duration: \"-1h\" is no duration; write it like 5s or 3m, at most a year")]
    [InlineData("\"syncPolicy\":{\"retry\":{\"backoff\":{\"duration\":\"9999999h\"}}}", "spec.syncPolicy.retry.backoff.duration: \"9999999h\" is no duration; write it like 5s or 3m, at most a year")]
    [InlineData("\"surprise\":{\"a\":1}", "spec.surprise is not supported yet")]
    public void A_field_that_is_not_served_is_named(string field, string problem) =>
        Assert.Equal([problem], Make.Application($"{{{Source},{Destination},{field}}}").Problems);

    [Theory]
    [InlineData("\"helm\":{\"surprise\":\"x\"}", "spec.source.helm.surprise is not supported yet")]
    [InlineData("\"helm\":{\"version\":\"v2\"}", "spec.source.helm.version: \"v2\": charts are rendered as Helm 4 renders them; leave the field out")]
    [InlineData("\"kustomize\":{\"version\":\"v4.5.7\"}", "spec.source.kustomize.version: \"v4.5.7\": kustomizations are built as Kustomize 5 builds them; leave the field out")]
    [InlineData("\"helm\":{},\"kustomize\":{}", "spec.source is of several kinds at once: helm and kustomize; leave one")]
    [InlineData("\"plugin\":{}", "spec.source.plugin is not supported yet")]
    [InlineData("\"plugin\":{\"name\":\"x\"}", "spec.source.plugin is not supported yet")]
    [InlineData("\"chart\":\"redis\"", "spec.source.chart is of a repository of charts, which has no path and takes helm alone; leave one of them out")]
    [InlineData("\"directory\":{\"include\":\"{a\"}", "spec.source.directory.include: \"{a\" is no glob: a { without its }")]
    [InlineData("\"directory\":{\"jsonnet\":{\"tlas\":[{\"name\":\"a\"}]}}", "spec.source.directory.jsonnet is not supported yet")]
    public void A_source_of_a_kind_that_is_not_served_is_named(string field, string problem) =>
        Assert.Equal([problem], Make.Application($"{{\"source\":{{\"repoURL\":\"x\",\"path\":\"p\",{field}}},{Destination}}}").Problems);

    [Fact]
    public void Several_sources_win_over_a_single_one()
    {
        var read = Make.Application($$"""{{{Source}},{{Destination}},"sources":[{"repoURL":"a","path":"p","name":"one"},{"repoURL":"b","targetRevision":"v1","ref":"values"}]}""");
        Assert.Empty(read.Problems);
        Assert.True(read.HasSources);
        Assert.Equal([("a", "p", "one"), ("b", "", "")], read.Sources.Select(s => (s.RepoUrl, s.Path, s.Name)));
        Assert.Equal([false, true], read.Sources.Select(s => s.IsReferenceOnly));
        Assert.Equal(["HEAD", "v1"], read.WantedRevisions);
        Assert.Equal(["abc", "v1"], read.RevisionsOf("abc,"));
        Assert.False(read.CanBeAt("abc"));
    }

    [Theory]
    [InlineData("{\"repoURL\":\"x\"}", "spec.sources[0].path is missing; \".\" is the root of the repository")]
    [InlineData("{\"repoURL\":\"x\",\"chart\":\"c\",\"ref\":\"v\"}", "spec.sources[0].ref: a chart cannot lend files to other sources; leave ref or chart out")]
    [InlineData("{\"repoURL\":\"x\",\"ref\":\"a/b\"}", "spec.sources[0].ref: \"a/b\" may hold letters, digits, _ and - only")]
    [InlineData("{\"repoURL\":\"x\",\"ref\":\"v\"},{\"repoURL\":\"y\",\"ref\":\"v\"}", "spec.sources[1].ref: \"v\" is the ref of spec.sources[0] too; give each its own")]
    [InlineData("{\"repoURL\":\"x\",\"path\":\"p\",\"plugin\":{\"name\":\"x\"}}", "spec.sources[0].plugin is not supported yet")]
    [InlineData("7", "spec.sources[0] must be a map, it is an integer")]
    public void What_is_wrong_with_one_of_several_sources_is_named_with_its_place(string sources, string problem) =>
        Assert.Equal([problem], Make.Application($"{{\"sources\":[{sources}],{Destination}}}").Problems);

    [Theory]
    [InlineData("null", "spec is missing")]
    [InlineData("[1]", "spec must be a map, it is a list")]
    [InlineData("{}", "spec.source is missing")]
    [InlineData("{\"source\":{\"repoURL\":7,\"path\":\"x\"},\"destination\":{\"server\":\"s\",\"name\":\"n\"}}", "spec.source.repoURL must be a string, it is an integer")]
    [InlineData("{\"source\":{\"repoURL\":\"x\"},\"destination\":{\"server\":\"s\"}}", "spec.source.path is missing; \".\" is the root of the repository")]
    public void A_spec_that_is_none_is_told_not_thrown(string spec, string problem) => Assert.Contains(problem, Make.Application(spec).Problems);

    [Theory]
    [InlineData("{}", true)]
    [InlineData("{\"enabled\":true}", true)]
    [InlineData("{\"enabled\":null}", true)]
    [InlineData("{\"enabled\":false,\"prune\":true,\"selfHeal\":true}", false)]
    public void Automation_is_on_unless_it_says_otherwise(string automated, bool on) => Assert.Equal(on, Make.Automated(automated).Automation is not null);

    [Fact]
    public void A_pin_rests_automation_and_is_what_is_rendered()
    {
        var pinned = Make.Application(
            $"{{{Source},{Destination},\"syncPolicy\":{{\"automated\":{{}}}}}}", ",\"annotations\":{\"capstan.dev/pin\":\"0123abc\"}");
        Assert.Null(pinned.Automation);
        Assert.Equal("0123abc", pinned.WantedRevisions[0]);
    }

    [Fact]
    public void A_status_reads_back_as_it_was_written()
    {
        var at = new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);
        var kind = new Resources.GroupVersionKind("apps", "v1", "Deployment");
        var key = new Resources.ObjectKey(kind.GroupKind, "shop", "web");
        var status = new ApplicationStatus
        {
            Sync = SyncCode.OutOfSync,
            Revision = "abc",
            Health = "Degraded",
            HealthSince = at,
            Resources = [new ResourceStatus(kind, key, SyncCode.OutOfSync, true, "Degraded", "it fails")],
            Operation = new OperationState(OperationPhase.Failed, "no", "abc", new Initiator(false, "eve"), at, at, [new ResourceResult(kind, key, "SyncFailed", "why")], 2) { Prune = true },
            Deployments = [new Deployment(4, "abc", "Ann", "Fix it", at, at, Initiator.Engine, OperationPhase.Failed, "no", YamlMap.Empty)],
            Conditions = [(new ApplicationCondition(ConditionTypes.Sync, "no"), at)],
            SourceTypes = ["Directory"],
            Images = ["nginx:1"],
            ReconciledAt = at,
        };
        var written = StatusWriter.Write(status);
        Assert.Equal(written, StatusWriter.Write(StatusReader.Read(written)));
        Assert.Empty(Assert.IsType<YamlList>(written["history"]));
        Assert.Equal("2030-01-02T03:04:05Z", written.At("health", "lastTransitionTime")!.AsString());
    }

    [Fact]
    public void A_status_of_another_shape_reads_as_absent()
    {
        var status = StatusReader.Read((YamlMap)JsonText.Read("""{"sync":7,"operationState":{"phase":"Dancing","startedAt":"never"},"history":"x","resources":[1,{"health":[]}]}"""));
        Assert.Equal(OperationPhase.Error, status.Operation!.Phase);
        Assert.Empty(status.Deployments);
    }
}
