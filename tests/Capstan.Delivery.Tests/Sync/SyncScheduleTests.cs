using Capstan.Delivery.Applications;
using Capstan.Delivery.Comparing;
using Capstan.Delivery.Sync;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Tests.Sync;

/// <summary>A sync played through against a cluster of words: each move is carried out at once, and what becomes healthy is said by the test.</summary>
public sealed class SyncScheduleTests
{
    private sealed class Play(string[] source, string[]? pruned = null, bool prune = true, bool pruneLast = false)
    {
        private readonly Dictionary<ObjectKey, KubernetesObject> _live = [];
        private readonly List<ResourceResult> _ledger = [];

        /// <summary>The waves that were carried out, and how the sync stands.</summary>
        public List<string> Told { get; } = [];

        public Play Go(int most = int.MaxValue)
        {
            for (var i = 0; i < most; i++)
            {
                Assert.True(i < 20, "it never ends: " + string.Join("; ", Told));
                var plan = Plan();
                var move = new SyncSchedule(plan, _ledger, h => _live.GetValueOrDefault(h.Item2)).Next();
                switch (move)
                {
                    case NextMove.Run run:
                        Told.Add($"run {string.Join(' ', run.Steps.Select(s => (s.Action == SyncAction.Prune ? "-" : "") + s.Key.Name))}");
                        run.Steps.ToList().ForEach(Do);
                        if (run.Ends)
                        {
                            Told.Add("done");
                            return this;
                        }

                        break;
                    case NextMove.Wait wait:
                        Told.Add(wait.Message);
                        return this;
                    case NextMove.Finish finish:
                        Told.Add(finish.Succeeded ? "done" : finish.Message);
                        return this;
                }
            }

            return this;
        }

        public Play Becomes(string name, string state)
        {
            var key = _live.Keys.Single(k => k.Name == name);
            _live[key] = new KubernetesObject(_live[key].Body.With("status", (YamlMap)JsonText.Read(state switch
            {
                "complete" => """{"conditions":[{"type":"Complete","status":"True"}]}""",
                "failed" => """{"conditions":[{"type":"Failed","status":"True","message":"it broke"}]}""",
                "available" => """{"observedGeneration":1,"replicas":1,"updatedReplicas":1,"availableReplicas":1}""",
                "stuck" => """{"observedGeneration":1,"conditions":[{"type":"Progressing","status":"False","reason":"ProgressDeadlineExceeded","message":"too late"}]}""",
                _ => throw new ArgumentException(state),
            })));
            return this;
        }

        public Play Refused(string name)
        {
            var result = _ledger.Single(r => r.Key.Name == name);
            _ledger[_ledger.IndexOf(result)] = result with { Code = ResourceResult.SyncFailed, Task = TaskPhase.Failed, Message = $"{name} was refused" };
            return this;
        }

        public Play Gone(string name)
        {
            _live.Remove(_live.Keys.Single(k => k.Name == name));
            return this;
        }

        public SyncPlan Plan()
        {
            var desired = source.Select(Parse).ToList();
            var objects = desired.Where(d => !d.Directives.IsHook).Select(d =>
                new ComparedObject(d.Kind, d.Key, d, _live.GetValueOrDefault(d.Key), [], _live.GetValueOrDefault(d.Key) is { } live ? HealthAssessment.Of(live) : null)).ToList();
            objects.AddRange((pruned ?? []).Select(Parse).Where(d => !_ledger.Any(r => r.Key == d.Key) || _live.ContainsKey(d.Key)).Select(d =>
            {
                _live.TryAdd(d.Key, d.Object);
                return new ComparedObject(d.Kind, d.Key, null, _live[d.Key], [], null);
            }));
            return SyncPlanner.Plan(new Comparison(objects) { Hooks = [.. desired.Where(d => d.Directives.IsHook)] }, new SyncRules(prune, PruneLast: pruneLast), "c1");
        }

        private void Do(SyncStep step)
        {
            _ledger.Add(new ResourceResult(step.Kind, step.Key, step.Action == SyncAction.Prune ? ResourceResult.Pruned : ResourceResult.Synced, "") { Phase = step.Phase, IsHook = step.IsHook });
            if (step.Action == SyncAction.Prune)
            {
                _live[step.Key] = _live[step.Key].With(["metadata", "deletionTimestamp"], "2026-01-01T00:00:00Z");
            }
            else
            {
                _live[step.Key] = step.Desired!.Object;
            }
        }

        // "Kind/name wave=1 hook=PreSync prune=confirm"
        private static DesiredObject Parse(string text)
        {
            var words = text.Split(' ');
            var (kind, name) = (words[0].Split('/')[0], words[0].Split('/')[1]);
            var version = kind switch { "Job" => "batch/v1", "Deployment" => "apps/v1", _ => "v1" };
            var space = kind == "Namespace" ? "" : ",\"namespace\":\"shop\"";
            var spec = kind == "Deployment" ? ",\"spec\":{\"replicas\":1}" : "";
            var made = Make.Object($$$"""{"apiVersion":"{{{version}}}","kind":"{{{kind}}}","metadata":{"name":"{{{name}}}","generation":1{{{space}}}}{{{spec}}}}""");
            foreach (var word in words.Skip(1))
            {
                var (option, value) = (word.Split('=')[0], word.Split('=')[1]);
                made = option switch
                {
                    "wave" => made.WithAnnotation("argocd.argoproj.io/sync-wave", value),
                    "hook" => made.WithAnnotation("argocd.argoproj.io/hook", value),
                    _ => made.WithAnnotation("argocd.argoproj.io/sync-options", $"{char.ToUpperInvariant(option[0])}{option[1..]}={value}"),
                };
            }

            return new DesiredObject(made, new Origin("a.yaml", 1));
        }
    }

    [Fact]
    public void A_sync_without_waves_and_hooks_is_over_when_all_is_applied() =>
        Assert.Equal(["run settings web", "done"], new Play(["Deployment/web", "ConfigMap/settings"]).Go().Told);

    [Fact]
    public void A_wave_begins_when_the_one_before_is_healthy_and_the_last_is_not_waited_for()
    {
        var play = new Play(["Deployment/web wave=1", "Deployment/db wave=-1", "ConfigMap/settings"]).Go();
        Assert.Equal(["run db", "waiting for healthy state of Deployment/shop/db"], play.Told);
        Assert.Equal(["run settings", "run web", "done"], play.Becomes("db", "available").Go().Told[2..]);
    }

    [Fact]
    public void A_degraded_object_in_an_early_wave_fails_the_sync()
    {
        var play = new Play(["Deployment/db", "Deployment/web wave=1"]).Go().Becomes("db", "stuck").Go();
        Assert.Contains("Deployment/shop/db is Degraded", play.Told[^1]);
        Assert.DoesNotContain("run web", play.Told);
    }

    [Fact]
    public void A_degraded_object_in_the_last_wave_does_not() =>
        Assert.Equal("done", new Play(["Deployment/db"]).Go().Becomes("db", "stuck").Go().Told[^1]);

    [Fact]
    public void Hooks_run_before_beside_and_after_and_the_next_part_waits_for_them()
    {
        var play = new Play(["Job/after hook=PostSync", "Job/beside hook=Sync", "Job/before hook=PreSync", "Deployment/web"]).Go();
        Assert.Equal(["run before", "waiting for completion of hook Job/shop/before"], play.Told);
        Assert.Equal(["run web beside", "waiting for completion of hook Job/shop/beside"], play.Becomes("before", "complete").Go().Told[2..]);
        Assert.Equal("waiting for healthy state of Deployment/shop/web", play.Becomes("beside", "complete").Go().Told[^1]);
        Assert.Equal(["run after", "waiting for completion of hook Job/shop/after"], play.Becomes("web", "available").Go().Told[^2..]);
        Assert.Equal("done", play.Becomes("after", "complete").Go().Told[^1]);
    }

    [Fact]
    public void A_failed_hook_before_the_sync_ends_it_and_nothing_is_applied()
    {
        var play = new Play(["Job/before hook=PreSync", "Deployment/web"]).Go().Becomes("before", "failed").Go();
        Assert.Equal(["run before", "waiting for completion of hook Job/shop/before"], play.Told[..2]);
        Assert.Contains("PreSync hook Job/shop/before failed: it broke", play.Told[2]);
        Assert.Equal(3, play.Told.Count);
    }

    [Fact]
    public void Hooks_for_failures_run_only_then_and_the_sync_ends_when_they_are_complete()
    {
        var play = new Play(["Job/rescue hook=SyncFail", "ConfigMap/a", "ConfigMap/b wave=1"]);
        play.Go(1).Refused("a").Go();
        Assert.Equal("run a", play.Told[0]);
        Assert.Equal("run rescue", play.Told[1]);
        Assert.EndsWith("waiting for completion of hook Job/shop/rescue", play.Told[2]);
        Assert.Equal("one or more synchronization tasks completed unsuccessfully, reason: a was refused", play.Becomes("rescue", "complete").Go().Told[^1]);
    }

    [Fact]
    public void A_hook_for_failures_that_fails_only_adds_its_text()
    {
        var play = new Play(["Job/rescue hook=SyncFail", "ConfigMap/a"]).Go(1);
        Assert.EndsWith("a was refused; SyncFail hook Job/shop/rescue failed: it broke", play.Refused("a").Go().Becomes("rescue", "failed").Go().Told[^1]);
    }

    [Fact]
    public void A_hook_of_two_types_runs_twice()
    {
        var play = new Play(["Job/both hook=PreSync,PostSync", "ConfigMap/a"]).Go().Becomes("both", "complete").Go();
        Assert.Equal(["run both", "waiting for completion of hook Job/shop/both", "run a", "run both", "waiting for completion of hook Job/shop/both"], play.Told);
    }

    [Fact]
    public void A_hook_that_was_deleted_while_it_ran_has_failed()
    {
        var play = new Play(["Job/before hook=PreSync", "ConfigMap/a"]).Go().Gone("before").Go();
        Assert.EndsWith("Job/shop/before was deleted while it ran", play.Told[^1]);
    }

    [Fact]
    public void Waves_are_pruned_in_reverse_and_one_after_the_other()
    {
        var play = new Play([], ["ConfigMap/first wave=0", "ConfigMap/second wave=1"]).Go();
        Assert.Equal(["run -second", "waiting for deletion of ConfigMap/shop/second"], play.Told);
        Assert.Equal(["run -first", "done"], play.Gone("second").Go().Told[2..]);
    }

    [Fact]
    public void Deletions_that_come_last_come_after_the_highest_wave_and_before_the_hooks_behind_the_sync()
    {
        var play = new Play(["ConfigMap/a wave=3", "Job/after hook=PostSync"], ["ConfigMap/old"], pruneLast: true).Go();
        Assert.Equal(["run a", "run -old", "waiting for deletion of ConfigMap/shop/old"], play.Told);
        Assert.Equal("run after", play.Gone("old").Go().Told[3]);
    }

    [Fact]
    public void A_namespace_comes_with_the_first_task_that_lives_in_it_even_a_hook()
    {
        var plan = new Play(["Namespace/shop wave=5", "Job/before hook=PreSync wave=-2", "ConfigMap/a"]).Plan();
        Assert.Equal([(SyncPhase.PreSync, -2, "shop"), (SyncPhase.PreSync, -2, "before"), (SyncPhase.Sync, 0, "a")], plan.Steps.Select(s => (s.Phase, s.Wave, s.Key.Name)));
    }

    [Fact]
    public void An_object_that_wants_its_deletion_confirmed_holds_the_whole_sync() =>
        Assert.Equal(["waiting for pruning confirmation of ConfigMap/shop/old"], new Play(["ConfigMap/a"], ["ConfigMap/old prune=confirm"]).Go().Told);

    [Fact]
    public void An_object_that_keeps_itself_stays() =>
        Assert.Equal(["run a", "done"], new Play(["ConfigMap/a"], ["ConfigMap/old prune=false"]).Go().Told);
}
