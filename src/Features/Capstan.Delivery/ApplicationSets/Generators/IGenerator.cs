using Capstan.Delivery.Applications;
using Capstan.Delivery.ApplicationSets.Templating;
using Capstan.Yaml;

namespace Capstan.Delivery.ApplicationSets.Generators;

/// <summary>A kind of generator: one field of a generator's entry.</summary>
internal interface IGenerator
{
    /// <summary>The field that asks for it.</summary>
    string Field { get; }

    /// <summary>How often what it reads is looked at again unless the entry says so; null where changes are told.</summary>
    TimeSpan? Interval => null;

    /// <summary>The parameters of each Application.</summary>
    /// <exception cref="SetException">The entry is wrong, or what it reads cannot be read.</exception>
    Task<IReadOnlyList<YamlMap>> GenerateAsync(GeneratorCall call, CancellationToken cancellation);
}

/// <summary>One use of a generator.</summary>
/// <param name="Spec">Its entry, with the parameters of the generators before it put in.</param>
/// <param name="Path">Where the entry stands.</param>
/// <param name="Run">The generation of which it is a part.</param>
/// <param name="Outer">The parameters of the generators before it.</param>
/// <param name="Depth">How many generators it lies within.</param>
internal sealed record GeneratorCall(YamlMap Spec, string Path, GeneratorRun Run, YamlMap Outer, int Depth)
{
    private readonly List<string> _problems = [];

    public ApplicationSet Set => Run.Set;

    public ISetInputs Inputs => Run.Inputs;

    /// <summary>A reader of the entry; see <see cref="Check"/>.</summary>
    public FieldReader Fields()
    {
        var fields = new FieldReader(Spec, Path, _problems);
        fields.Ignore("template");
        return fields;
    }

    /// <summary>Ends the reading of the entry.</summary>
    /// <exception cref="SetException">Something in it is wrong or unknown.</exception>
    public void Check(FieldReader fields)
    {
        fields.RefuseTheRest("is not supported");
        if (_problems.Count > 0)
        {
            throw new SetException(string.Join("; ", _problems), SetConditions.InvalidSpec);
        }
    }

    /// <summary>Takes <c>requeueAfterSeconds</c> in.</summary>
    public void Poll(FieldReader fields, TimeSpan otherwise)
    {
        var seconds = fields.Number("requeueAfterSeconds", 0);
        Run.LookAgainAfter(seconds > 0 ? TimeSpan.FromSeconds(Math.Min(seconds, 86_400)) : otherwise);
    }

    /// <summary>The entry's <c>values</c>, as parameters may name them in one another's stead.</summary>
    public static YamlMap ReadValues(FieldReader fields)
    {
        if (fields.Inner("values") is not { } values)
        {
            return YamlMap.Empty;
        }

        foreach (var (key, _) in values.Map)
        {
            values.Text(key);
        }

        return values.Map;
    }

    /// <summary>Parameters with the entry's <c>values</c> beside them, whose texts may name any parameter known here.</summary>
    public YamlMap WithValues(YamlMap parameters, YamlMap values)
    {
        if (values.Count == 0)
        {
            return parameters;
        }

        var known = Merging.Over(Outer, parameters);
        var rendered = (YamlMap)Run.Templates.Render(values, known);
        return Set.GoTemplate
            ? parameters.With("values", rendered)
            : rendered.Aggregate(parameters, static (p, v) => p.With($"values.{v.Key}", v.Value));
    }
}

/// <summary>The generation of one set: what its generators share.</summary>
internal sealed class GeneratorRun(ApplicationSet set, ISetInputs inputs, SetTemplates templates, int most)
{
    public ApplicationSet Set => set;

    public ISetInputs Inputs => inputs;

    public SetTemplates Templates => templates;

    /// <summary>The most parameter sets that any generator may yield.</summary>
    public int Most => most;

    /// <summary>When what was read is to be looked at again; null when changes are told.</summary>
    public TimeSpan? Again { get; private set; }

    public void LookAgainAfter(TimeSpan time) => Again = Again is { } sooner && sooner < time ? sooner : time;
}
