using Capstan.Kustomize.Fields;
using Capstan.Kustomize.Files;
using Capstan.Kustomize.Identity;
using Capstan.Kustomize.Resources;
using Capstan.Kustomize.Spec;
using Capstan.Yaml;

namespace Capstan.Kustomize.Transformers.Replacements;

/// <summary>Copies values from fields of one resource into fields of others.</summary>
internal sealed class ReplacementTransformer(ResourceSet set, KustomizeFolder folder, string file)
{
    private const string DefaultPath = "metadata.name";

    public void Apply(IReadOnlyList<ReplacementSpec> replacements)
    {
        foreach (var (replacement, from) in replacements.SelectMany(Load).ToArray())
        {
            try
            {
                Apply(replacement);
            }
            catch (KustomizeException error)
            {
                throw error.At(from, replacement.Position);
            }
        }
    }

    private static bool Selects(ResourceId selector, ResourceId id) =>
        (selector.Name.Length == 0 || selector.Name == id.Name)
        && (selector.Namespace.Length == 0 || selector.Namespace == (id.Namespace.Length == 0 ? "default" : id.Namespace))
        && id.Gvk.IsSelectedBy(selector.Gvk);

    private static bool IsEmpty(ResourceId id) => id.Name.Length == 0 && id.Namespace.Length == 0 && id.Gvk == Gvk.Any;

    private static string Describe(ReplacementSource source) =>
        source.Id + (source.FieldPath.Length > 0 ? ":" + source.FieldPath : "");

    private IEnumerable<(ReplacementSpec Spec, string File)> Load(ReplacementSpec spec)
    {
        if (spec.Path.Length == 0)
        {
            return [(spec, file)];
        }

        if (spec.Source is not null || spec.Targets is { Count: > 0 })
        {
            throw new KustomizeException("cannot specify both path and inline replacement", file, spec.Position);
        }

        try
        {
            var (path, content) = folder.Load(spec.Path);
            return [.. ReadFile(path, content).Select(r => (r, path))];
        }
        catch (KustomizeException error)
        {
            throw error.At(file, spec.Position);
        }
    }

    private static IEnumerable<ReplacementSpec> ReadFile(string path, ReadOnlyMemory<byte> content)
    {
        YamlNode node;
        try
        {
            node = YamlText.ReadOne(content.Span);
        }
        catch (YamlException error)
        {
            throw new KustomizeException(error.Problem, path, error.Position, inner: error);
        }

        return node switch
        {
            YamlList list => list.Select(item => SpecReaders.Replacement(new SpecMap(path, item, "a replacement"))),
            YamlMap map => [SpecReaders.Replacement(new SpecMap(path, map, "a replacement"))],
            _ => throw new KustomizeException($"unsupported replacement type encountered within replacement path: {node.Description}", path, node.Position),
        };
    }

    private void Apply(ReplacementSpec replacement)
    {
        if ((replacement.Source is null && replacement.SourceValue is null) || replacement.Targets is null)
        {
            throw new KustomizeException("replacements must specify a source and at least one target");
        }

        if (replacement.Source is not null && replacement.SourceValue is not null)
        {
            throw new KustomizeException("value and resource selectors are mutually exclusive");
        }

        var value = replacement.SourceValue is { } text ? new YamlScalar(text, ScalarKind.String) : Value(replacement.Source!);
        foreach (var target in replacement.Targets)
        {
            Apply(target, value);
        }
    }

    private YamlNode Value(ReplacementSource source)
    {
        var matches = set.All.Where(r => r.AllIds().Any(id => Selects(source.Id, id))).Take(2).ToArray();
        var from = matches switch
        {
            [] => throw new KustomizeException($"nothing selected by {Describe(source)}"),
            [var one] => one,
            _ => throw new KustomizeException($"multiple matches for selector {Describe(source)}: {matches[0].Id.ForPeople}, {matches[1].Id.ForPeople}"),
        };
        var path = source.FieldPath.Length > 0 ? source.FieldPath : DefaultPath;
        var value = FieldPicker.Get(from.Body, FieldPaths.SplitDotted(path));
        if (ScalarNodes.IsNilOrEmpty(value))
        {
            throw new KustomizeException($"fieldPath `{path}` is missing for replacement source {source.Id}");
        }

        if (source.Options is not { Delimiter.Length: > 0 } options)
        {
            return value!;
        }

        if (value is not YamlScalar scalar)
        {
            throw new KustomizeException("delimiter option can only be used with scalar nodes");
        }

        var parts = scalar.Source.Split(options.Delimiter);
        return options.Index >= parts.Length || options.Index < 0
            ? throw new KustomizeException($"options.index {options.Index} is out of bounds for value {scalar.Source}")
            : new YamlScalar(parts[options.Index], ScalarKind.String, scalar.Style, scalar.Position);
    }

    private void Apply(ReplacementTarget target, YamlNode value)
    {
        if (target.Select is null)
        {
            throw new KustomizeException("target must specify resources to select");
        }

        var labels = LabelSelector.Parse(target.Select.Labels);
        var annotations = LabelSelector.Parse(target.Select.Annotations);
        var rejects = target.Reject.Where(r => r.Labels.Length > 0 || r.Annotations.Length > 0)
            .Select(r => (Labels: LabelSelector.Parse(r.Labels), Annotations: LabelSelector.Parse(r.Annotations))).ToArray();
        foreach (var resource in set.All)
        {
            if (!labels.Matches(resource.Meta("labels")) || !annotations.Matches(resource.Meta("annotations"))
                || rejects.Any(r => r.Labels.Matches(resource.Meta("labels")) && r.Annotations.Matches(resource.Meta("annotations"))))
            {
                continue;
            }

            if (resource.AllIds().Any(id => Selects(target.Select.Id, id))
                && !target.Reject.Any(r => !IsEmpty(r.Id) && resource.AllIds().Any(id => Selects(r.Id, id))))
            {
                Apply(resource, target, value);
            }
        }
    }

    private static void Apply(Resource resource, ReplacementTarget target, YamlNode value)
    {
        var creates = target.Options?.Create == true;
        var missing = (creates, value) switch
        {
            (false, _) => MissingField.StaysMissing,
            (_, YamlMap) => MissingField.BecomesMap,
            (_, YamlList) => MissingField.BecomesList,
            _ => MissingField.BecomesScalar,
        };
        foreach (var path in target.FieldPaths.Count > 0 ? target.FieldPaths : [DefaultPath])
        {
            var picker = new FieldPicker(FieldPaths.SplitDotted(path), missing, old => Noted(resource, old, Replaced(old, value, target.Options)));
            var problem = $"unable to find {(creates ? "or create " : "")}field \"{path}\" in replacement target {resource.Id.ForPeople} ({resource.File}:{resource.Line})";
            try
            {
                var body = (YamlMap)picker.Update(resource.Body);
                resource.Body = resource.Shared?.Settle(body) ?? body;
            }
            catch (KustomizeException error)
            {
                throw new KustomizeException($"{problem}: {error.Problem}", inner: error);
            }

            if (picker.Found == 0)
            {
                throw new KustomizeException(problem);
            }
        }
    }

    private static YamlNode Noted(Resource resource, YamlNode old, YamlNode replaced)
    {
        if (replaced is YamlScalar scalar)
        {
            resource.Shared?.Change(old, scalar);
        }

        return replaced;
    }

    private static YamlNode Replaced(YamlNode old, YamlNode value, ReplacementOptions? options)
    {
        var text = ScalarNodes.Source(value);
        if (options is { Delimiter.Length: > 0 })
        {
            if (old is not YamlScalar)
            {
                throw new KustomizeException("delimiter option can only be used with scalar nodes");
            }

            var parts = ScalarNodes.Source(old).Split(options.Delimiter).ToList();
            var piece = ScalarNodes.Value(value);
            if (options.Index < 0)
            {
                parts.Insert(0, piece);
            }
            else if (options.Index >= parts.Count)
            {
                parts.Add(piece);
            }
            else
            {
                parts[(int)options.Index] = piece;
            }

            text = string.Join(options.Delimiter, parts);
            value = old;
        }

        return old is YamlScalar scalar ? Retyped(scalar, text) : value;
    }

    // The type of the field stays; a field that was made has none, and its text decides.
    private static YamlScalar Retyped(YamlScalar old, string text)
    {
        if (ReferenceEquals(old, YamlScalar.Null))
        {
            return ScalarNodes.Untagged(text, YamlScalar.Null);
        }

        if (old.Kind == ScalarKind.String)
        {
            return ScalarNodes.Text(text, old);
        }

        var typed = ScalarNodes.Untagged(text, old);
        return typed.Kind == old.Kind || (typed.IsNumber && old.Kind == ScalarKind.Float)
            ? typed
            : throw new KustomizeException($"cannot decode \"{text}\" as {old.Description}, which the field is now");
    }
}
