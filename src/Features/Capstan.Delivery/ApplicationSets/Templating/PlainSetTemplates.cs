using System.Text;
using Capstan.Yaml;

namespace Capstan.Delivery.ApplicationSets.Templating;

/// <summary>
/// The older placeholders (Go's valyala/fasttemplate): <c>{{name}}</c> becomes the parameter of that name; what names none stays as it is
/// written.
/// </summary>
internal sealed class PlainSetTemplates : SetTemplates
{
    public override string Render(string text, YamlMap parameters)
    {
        // As in Argo CD, only a text with a whole placeholder in one line is looked into.
        if (!text.Split('\n').Any(static l => l.IndexOf("{{", StringComparison.Ordinal) is >= 0 and var at && l.IndexOf("}}", at, StringComparison.Ordinal) >= 0))
        {
            return text;
        }

        var output = new StringBuilder(text.Length);
        var position = 0;
        while (text.IndexOf("{{", position, StringComparison.Ordinal) is >= 0 and var start)
        {
            output.Append(text, position, start - position);
            var end = text.IndexOf("}}", start + 2, StringComparison.Ordinal);
            if (end < 0)
            {
                throw new SetException($"Cannot find end tag=\"}}}}\" in the template \"{text}\" starting from \"{text[(start + 2)..]}\"", SetConditions.NotRendered);
            }

            var tag = text[(start + 2)..end];
            output.Append(tag.Trim() is { Length: > 0 } name && parameters[name]?.AsString() is { } value ? value : $"{{{{{tag}}}}}");
            position = end + 2;
        }

        return output.Append(text, position, text.Length - position).ToString();
    }
}
