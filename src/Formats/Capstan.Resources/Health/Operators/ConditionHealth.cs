using Capstan.Yaml;

namespace Capstan.Resources;

/// <summary>What most operators have in common: conditions that say how far they are, for the generation that they have seen.</summary>
internal static class ConditionHealth
{
    /// <summary>By one condition: True is healthy, False degraded, anything else not there yet.</summary>
    /// <param name="live">The object.</param>
    /// <param name="type">The condition.</param>
    /// <param name="underway">Reasons of a False that only say that it is being worked on.</param>
    public static HealthAssessment Of(KubernetesObject live, string type, params ReadOnlySpan<string> underway)
    {
        if (IsBehind(live))
        {
            return HealthAssessment.Progressing("Waiting for the controller to see the newest spec");
        }

        if (live.Condition(type) is not { } condition)
        {
            return HealthAssessment.Progressing($"Waiting for the condition {type}");
        }

        var message = Message(condition);
        return condition.Text("status") switch
        {
            "True" => HealthAssessment.Healthy(message),
            "False" when !underway.Contains(condition.Text("reason")) => HealthAssessment.Degraded(message),
            _ => HealthAssessment.Progressing(message),
        };
    }

    /// <summary>By several conditions, all of which have to be True.</summary>
    public static HealthAssessment OfAll(KubernetesObject live, params ReadOnlySpan<string> types)
    {
        var worst = HealthAssessment.Healthy();
        foreach (var type in types)
        {
            var one = Of(live, type);
            worst = one.Status > worst.Status ? one : worst;
        }

        return worst;
    }

    /// <summary>By a word in status.</summary>
    /// <param name="word">The word.</param>
    /// <param name="message">What there is to say beside it.</param>
    /// <param name="healthy">Words for healthy.</param>
    /// <param name="degraded">Words for degraded; any other is not there yet.</param>
    public static HealthAssessment OfWord(string word, string message, ReadOnlySpan<string> healthy, ReadOnlySpan<string> degraded)
    {
        message = message.Length > 0 ? message : word;
        return healthy.Contains(word) ? HealthAssessment.Healthy(message)
            : degraded.Contains(word) ? HealthAssessment.Degraded(message)
            : HealthAssessment.Progressing(message.Length > 0 ? message : "Waiting for its controller");
    }

    /// <summary>Whether the controller says that it has not seen the newest spec; one that says nothing of it is believed.</summary>
    public static bool IsBehind(KubernetesObject live) => live.Status.NumberOrNull("observedGeneration") is { } seen && live.Generation > seen;

    /// <summary>What a condition says.</summary>
    public static string Message(YamlMap condition) => condition.Text("message") is { Length: > 0 } message ? message : condition.Text("reason");

    /// <summary>Rules of one kind of reading for several kinds of one group.</summary>
    public static IEnumerable<KeyValuePair<GroupKind, Func<KubernetesObject, HealthAssessment?>>> For(string group, Func<KubernetesObject, HealthAssessment?> rule, params IEnumerable<string> kinds) =>
        kinds.Select(kind => KeyValuePair.Create(new GroupKind(group, kind), rule));
}
