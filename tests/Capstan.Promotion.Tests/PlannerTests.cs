using Capstan.Promotion.Pipelines;
using Capstan.Promotion.Planning;

namespace Capstan.Promotion.Tests;

/// <summary>What a pipeline does next, step by step, with a clock and applications of our own.</summary>
public class PlannerTests
{
    private readonly PipelineSpec _pipeline = Make.Pipeline(Make.ThreeStages);
    private readonly List<Release> _releases = [];
    private readonly Dictionary<string, StageObservation> _seen = [];
    private PipelineState _state = PipelineState.Empty;
    private DateTimeOffset _now = Make.Start;

    [Fact]
    public void A_release_goes_from_stage_to_stage_when_it_is_proven_and_the_gates_hold()
    {
        Assert.Empty(Look());
        _releases.Add(Make.Release(1));
        Assert.Equal(["dev: shop-1"], Look());
        Assert.Empty(Look());
        See("dev", StageHealth.Healthy);
        Assert.Empty(Look());
        Assert.Contains("shop-1 waits: it is to be healthy in dev for 5 min", _state.Of("staging").Message, StringComparison.Ordinal);
        Pass(5);
        Assert.Equal(["staging: shop-1"], Look());
        See("staging", StageHealth.Healthy);
        Look();
        Pass(9);
        Assert.Empty(Look());
        Assert.Null(_state.Of("staging").Proven);
        Pass(1);
        Assert.Empty(Look());
        Assert.Equal("shop-1 waits for 1 approval: capstan approve shop --to prod", _state.Of("prod").Message);
        Approve("prod", "shop-1");
        Assert.Equal(["prod: shop-1"], Look());
        Assert.Empty(Look());
    }

    [Fact]
    public void A_break_in_health_begins_the_time_anew()
    {
        _releases.Add(Make.Release(1));
        Look();
        See("dev", StageHealth.Healthy);
        Look();
        Pass(4);
        See("dev", StageHealth.Progressing);
        Look();
        See("dev", StageHealth.Healthy);
        Look();
        Pass(4);
        Assert.Empty(Look());
        Pass(1);
        Assert.Equal(["staging: shop-1"], Look());
    }

    [Fact]
    public void A_stage_that_is_being_proven_takes_no_other_and_the_newest_of_those_that_wait_is_next()
    {
        _releases.Add(Make.Release(1));
        Look();
        See("dev", StageHealth.Healthy);
        Look();
        Pass(5);
        Assert.Equal(["staging: shop-1"], Look());
        See("staging", StageHealth.Healthy);
        _releases.AddRange([Make.Release(2), Make.Release(3)]);
        Assert.Equal(["dev: shop-3"], Look());
        See("dev", StageHealth.Healthy);
        Look();
        Pass(6);
        Assert.Empty(Look());
        Assert.Equal("shop-3 waits: shop-1 is not proven here yet", _state.Of("staging").Message);
        Pass(5);
        Assert.Equal(["staging: shop-3"], Look());
    }

    [Fact]
    public void A_bad_release_is_taken_back_quarantined_and_the_next_one_goes_on()
    {
        _releases.Add(Make.Release(1));
        Look();
        See("dev", StageHealth.Healthy);
        Look();
        _releases.Add(Make.Release(2));
        Assert.Equal(["dev: shop-2"], Look());
        _seen["dev"] = new StageObservation(StageHealth.Degraded, "Deployment/shop: CrashLoopBackOff");
        Assert.Equal(["dev: back to shop-1 from shop-2, Deployment/shop: CrashLoopBackOff"], Look());
        Assert.Equal("shop-2", Assert.Single(_state.Quarantined).Release);
        See("dev", StageHealth.Healthy);
        Pass(20);
        Assert.DoesNotContain("shop-2", string.Join(' ', Look()), StringComparison.Ordinal);
        _releases.Add(Make.Release(3));
        Assert.Contains("dev: shop-3", Look());
    }

    [Fact]
    public void A_proven_release_that_turns_bad_later_is_not_taken_back()
    {
        _releases.Add(Make.Release(1));
        Look();
        See("dev", StageHealth.Healthy);
        Look();
        _seen["dev"] = new StageObservation(StageHealth.Degraded, "a node is gone");
        Assert.Empty(Look());
        Assert.Empty(_state.Quarantined);
    }

    [Fact]
    public void The_first_release_that_is_bad_leaves_nothing_to_go_back_to_and_says_so()
    {
        _releases.Add(Make.Release(1));
        Look();
        _seen["dev"] = new StageObservation(StageHealth.Degraded, "bad");
        Assert.Empty(Look());
        Assert.Contains("there is no proven release to go back to", _state.Of("dev").Message, StringComparison.Ordinal);
        _releases.Add(Make.Release(2));
        See("dev", StageHealth.Progressing);
        Assert.Equal(["dev: shop-2"], Look());
    }

    [Fact]
    public void A_stage_that_wants_to_be_asked_waits_for_it_and_a_frozen_one_takes_nothing()
    {
        var manual = Make.Pipeline(Make.ThreeStages.Replace("- name: dev", "- name: dev\n    promotion: Manual", StringComparison.Ordinal));
        _releases.Add(Make.Release(1));
        Assert.Empty(PromotionPlanner.Plan(manual, _state, _releases, _seen, _now).Steps);
        _state = _state with { Requests = [new PromotionRequest("dev", "shop-1", "ada")] };
        Assert.Single(PromotionPlanner.Plan(manual, _state, _releases, _seen, _now).Steps);
        var frozen = Make.Pipeline(Make.ThreeStages.Replace("- name: dev", "- name: dev\n    frozen: true", StringComparison.Ordinal));
        var plan = PromotionPlanner.Plan(frozen, PipelineState.Empty, _releases, _seen, _now);
        Assert.Empty(plan.Steps);
        Assert.Equal("shop-1 waits: the stage is frozen", plan.State.Of("dev").Message);
    }

    [Fact]
    public void Stages_fan_out_and_each_goes_its_own_way()
    {
        var pipeline = Make.Pipeline("""
              - {name: dev, applications: [d], write: {repository: r, manifest: d.yaml}}
              - {name: eu, after: [dev], applications: [e], write: {repository: r, manifest: e.yaml}}
              - {name: us, after: [dev], applications: [u], write: {repository: r, manifest: u.yaml}, gates: [{type: TimeWindow, days: [Thursday]}]}
            """);
        _releases.Add(Make.Release(1));
        var state = PipelineState.Empty.With(new StageState("dev") { Release = "shop-1" });
        var plan = PromotionPlanner.Plan(pipeline, state, _releases, new Dictionary<string, StageObservation> { ["dev"] = new(StageHealth.Healthy) }, _now);
        Assert.Equal("eu", Assert.Single(plan.Steps).Stage.Name);
        Assert.Contains("waits for the time window", plan.State.Of("us").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_state_is_read_as_it_was_written()
    {
        var state = new PipelineState([new StageState("dev") { Release = "a", Commit = "c", PromotedAt = _now, HealthySince = _now, Proven = "a", Waiting = "b", Message = "m" }],
            [new Approval("prod", "a", "ada", "fine")], [new PromotionRequest("dev", "a", "ada")], [new Quarantine("b", "dev", "bad")]);
        Assert.Equal(state.Write(), PipelineState.Read(state.Write()).Write());
    }

    [Fact]
    public void What_is_wrong_with_a_pipeline_is_told_all_at_once()
    {
        var error = Assert.Throws<PromotionException>(() => Make.Pipeline("""
              - {name: dev, applications: [], write: {repository: r}, gates: [{type: Hope}], soak: soon}
              - {name: prod, after: [staging], applications: [p], write: {repository: r, manifest: p.yaml}, frobnicate: 1}
            """)).Message;
        foreach (var part in new[] { "spec.stages[0].applications: is empty", "names neither kustomization, values nor manifest", "\"Hope\" is none of", "\"soon\" is no duration", "comes after \"staging\", which is no stage before it", "spec.stages[1].frobnicate: is no field here" })
        {
            Assert.Contains(part, error, StringComparison.Ordinal);
        }
    }

    private void See(string stage, StageHealth health) => _seen[stage] = new StageObservation(health);

    private void Pass(int minutes) => _now = _now.AddMinutes(minutes);

    private void Approve(string stage, string release) => _state = _state with { Approvals = [.. _state.Approvals, new Approval(stage, release, "ada", "looks good")] };

    // Looks once, and does the steps as the controller does.
    private List<string> Look()
    {
        var plan = PromotionPlanner.Plan(_pipeline, _state, _releases, _seen, _now);
        _state = plan.State;
        var told = new List<string>();
        foreach (var step in plan.Steps)
        {
            var (release, text) = step switch
            {
                PromotionStep.Revert back => (back.Good.Name, $"back to {back.Good.Name} from {back.Bad.Name}, {back.Cause}"),
                PromotionStep.Promote promote => (promote.Release.Name, promote.Release.Name),
                _ => ("", ""),
            };
            told.Add($"{step.Stage.Name}: {text}");
            _state = _state.With(_state.Of(step.Stage.Name) with { Release = release, Commit = "c", PromotedAt = _now, HealthySince = null });
            See(step.Stage.Name, StageHealth.Progressing);
        }

        return told;
    }
}
