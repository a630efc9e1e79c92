using System.Text.RegularExpressions;
using Capstan.Resources;
using Capstan.Server.Problems;
using Capstan.Trees;
using Capstan.Yaml;

namespace Capstan.Server.Platform;

/// <summary>A manifest that somebody wants in the platform repository.</summary>
/// <param name="Word">What it is, for people and file names: <c>appset</c>, <c>project</c>.</param>
/// <param name="Object">What it says.</param>
/// <param name="Text">As it was written.</param>
internal sealed partial record PlatformManifest(string Word, KubernetesObject Object, string Text)
{
    private const int Longest = 1 << 20;

    public string Name => Object.Name;

    /// <summary>The file that holds it.</summary>
    public TreePath File => FileOf(Word, Name);

    public static TreePath FileOf(string word, string name) => TreePath.Parse($"{PlatformRepository.Folder}/{word}-{(Label().IsMatch(name) ? name : "none")}.yaml");

    /// <summary>Reads one.</summary>
    /// <exception cref="RequestProblem">It is no sound manifest of the kind; the message names the place.</exception>
    public static PlatformManifest Read(string word, GroupVersionKind kind, string text, IReadOnlyList<string> namespaces)
    {
        if (text.Length > Longest) throw RequestProblem.Refused($"text: has more than {Longest:N0} characters");
        YamlNode node;
        try
        {
            node = YamlText.ReadOne(text);
        }
        catch (YamlException e)
        {
            throw RequestProblem.Refused(e.In(word));
        }
        if (ObjectRules.Problems(node) is { Count: > 0 } problems) throw RequestProblem.Refused(string.Join("; ", problems));
        var made = new KubernetesObject((YamlMap)node);
        if (made.GroupVersionKind != kind) throw RequestProblem.Refused($"kind: {made.GroupVersionKind} was given, {kind} is wanted");
        if (!Label().IsMatch(made.Name) || made.Name.Length > 63)
        {
            throw RequestProblem.Refused($"metadata.name {made.Name}: is no DNS label: lower-case letters, digits and dashes, 63 at most, a letter or digit at each end");
        }
        if (made.Namespace.Length > 0 && !namespaces.Contains(made.Namespace))
        {
            throw RequestProblem.Refused($"metadata.namespace {made.Namespace}: is none of {string.Join(", ", namespaces)}; leave it out");
        }
        return new PlatformManifest(word, made, text.EndsWith('\n') ? text : text + "\n");
    }

    [GeneratedRegex("^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", RegexOptions.NonBacktracking)]
    private static partial Regex Label();
}
