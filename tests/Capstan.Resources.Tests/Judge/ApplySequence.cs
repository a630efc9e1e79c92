using Capstan.Yaml;

namespace Capstan.Resources.Tests;

/// <summary>Writes of one object by several managers, one after the other.</summary>
public sealed record ApplySequence(string Name, string Path, params ApplyStep[] Steps);

/// <summary>One write.</summary>
/// <param name="Verb">apply, force (apply with force), create, edit (read, merge, PUT), or the content type of a patch: json, merge, strategic.</param>
/// <param name="Manager">The field manager.</param>
/// <param name="Body">JSON.</param>
/// <param name="Subresource">As in status.</param>
public sealed record ApplyStep(string Verb, string Manager, string Body, string Subresource = "")
{
    public YamlNode Node => JsonText.Read(Body);
}
