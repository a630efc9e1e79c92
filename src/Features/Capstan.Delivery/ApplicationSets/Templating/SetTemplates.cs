using System.Runtime.CompilerServices;
using Capstan.Yaml;

namespace Capstan.Delivery.ApplicationSets.Templating;

/// <summary>The language in which a set's texts name parameters: Go templates, or the older placeholders.</summary>
internal abstract class SetTemplates
{
    /// <summary>A text with its parameters put in.</summary>
    /// <exception cref="SetException">The text does not parse, or fails.</exception>
    public abstract string Render(string text, YamlMap parameters);

    /// <summary>A tree whose texts, also those of keys, have their parameters put in. What is no text stays.</summary>
    /// <exception cref="SetException">A text does not parse, or fails.</exception>
    public YamlNode Render(YamlNode node, YamlMap parameters)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        switch (node)
        {
            case YamlMap map:
                var made = new YamlMapBuilder(map.Count);
                foreach (var (key, value) in map)
                {
                    made.Set(Render(key, parameters), Render(value, parameters));
                }

                return made.ToMap(map.Position);
            case YamlList list:
                return new YamlList(list.Select(i => Render(i, parameters)), list.Position);
            case YamlScalar { Kind: ScalarKind.String } scalar when scalar.Text.Contains("{{", StringComparison.Ordinal):
                return YamlScalar.String(Render(scalar.Text, parameters), scalar.Position);
            default:
                return node;
        }
    }

    /// <summary>The templates of a set.</summary>
    /// <exception cref="SetException">One of its options is none.</exception>
    public static SetTemplates Of(ApplicationSet set, TimeProvider time, CancellationToken cancellation) =>
        set.GoTemplate ? new GoSetTemplates(set.GoTemplateOptions, time, cancellation) : new PlainSetTemplates();
}
