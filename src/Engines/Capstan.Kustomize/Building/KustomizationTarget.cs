using System.Runtime.CompilerServices;
using System.Text;
using Capstan.Kustomize.Fields;
using Capstan.Kustomize.Files;
using Capstan.Kustomize.Generators;
using Capstan.Kustomize.Plugins;
using Capstan.Kustomize.Resources;
using Capstan.Kustomize.Spec;
using Capstan.Yaml;

namespace Capstan.Kustomize.Building;

/// <summary>Builds one kustomization: its resources, what its generators make, its components, and its transformers over all of them.</summary>
internal sealed class KustomizationTarget
{
    private readonly BuildSession _session;
    private readonly KustomizeFolder _folder;
    private readonly Kustomization _spec;
    private readonly BuildOrigin? _origin;
    private readonly BuildOrigin? _ownFile;

    private KustomizationTarget(BuildSession session, KustomizeFolder folder, Kustomization spec, BuildOrigin? origin)
    {
        _session = session;
        _folder = folder;
        _spec = spec;
        _origin = origin;
        _ownFile = origin?.Append(spec.File[(spec.File.LastIndexOf('/') + 1)..]);
    }

    public Kustomization Spec => _spec;

    /// <summary>The kustomization that a build begins with, which decides about metadata for all of it.</summary>
    public static KustomizationTarget LoadFirst(BuildSession session, KustomizeFolder folder, Func<Kustomization, Kustomization> change) =>
        Load(
            session, folder, session.Request.Kustomization is { } text ? (folder.Place + folder.Path.Child(KustomizeFolder.FileNames[0]), Encoding.UTF8.GetBytes(text)) : folder.KustomizationFile(),
            change, spec => spec.BuildMetadata.Count > 0 ? BuildOrigin.Start : null);

    private static KustomizationTarget Load(
        BuildSession session, KustomizeFolder folder, (string Path, ReadOnlyMemory<byte> Content) file, Func<Kustomization, Kustomization> change, Func<Kustomization, BuildOrigin?> origin)
    {
        session.CountKustomization();
        var (path, content) = file;
        var spec = KustomizationReader.Read(path, content.Span, folder.Path.ToString());
        session.Warnings.AddRange(spec.Warnings);
        spec = change(spec);
        var target = new KustomizationTarget(session, folder, spec, origin(spec));
        target.BringSchema();
        return target;
    }

    /// <summary>Builds on top of what is there: nothing for a kustomization, its parent's resources for a component.</summary>
    public void Accumulate(Accumulated into)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        AddResources(into, _spec.Resources);
        into.Fields = into.Fields.Merge(TransformerFields.Default).Merge(ReadFields(_spec.Configurations, ConfigurationReader.Read)).Merge(ReadFields(_spec.Crds, CrdFields.Read));
        Generate(into);
        AddComponents(into);
        Transform(into);
        Validate(into);
        into.Variables.Add(_spec.Vars, into.Resources, _spec.File);
    }

    private delegate TransformerFields FieldReader(string file, ReadOnlySpan<byte> content);

    private void BringSchema()
    {
        if (_spec.OpenApi?.GetValueOrDefault("path") is { } path)
        {
            if (_spec.OpenApi.ContainsKey("version"))
            {
                throw new KustomizeException("builtin version and custom schema provided, cannot use both", _spec.File, new Position(_spec.Lines.GetValueOrDefault("openapi", 1), 1));
            }

            var (file, content) = _folder.Load(path);
            _session.BringSchema(content.Span, file);
        }
        else if (_spec.OpenApi?.GetValueOrDefault("version") is { } version && version is not ("v1.21.2" or ""))
        {
            throw new KustomizeException($"the specified OpenAPI version is not built in: {version}; v1.21.2 is", _spec.File);
        }
    }

    private void AddResources(Accumulated into, IReadOnlyList<SpecText> paths)
    {
        foreach (var path in paths)
        {
            try
            {
                AddResource(into, path);
            }
            catch (KustomizeException error)
            {
                throw error.At(_spec.File, path.Position);
            }
        }
    }

    private void AddResource(Accumulated into, SpecText path)
    {
        if (RemoteAddress.IsRemote(path.Text))
        {
            AddRemote(into, path.Text, isComponent: false);
            return;
        }

        if (_folder.Find(path.Text) is { Kind: Trees.TreeEntryKind.File })
        {
            into.Resources.AppendAll(ReadResources(path.Text));
            return;
        }

        AddBase(into, _folder.Enter(path.Text), _origin?.Append(path.Text), isComponent: false);
    }

    private void AddRemote(Accumulated into, string text, bool isComponent)
    {
        var bases = _session.Request.RemoteBases ?? throw new KustomizeException(
            $"the remote {(isComponent ? "component" : "base")} '{text}' is not allowed here; copy it into the repository, or have it allowed", kind: KustomizeProblem.NotAllowed);
        var address = RemoteAddress.Parse(text);
        var remote = bases.Find(address);
        if (!address.IsFile)
        {
            AddBase(into, _folder.Enter(remote), Moved(BuildOrigin.Of(remote)), isComponent);
            return;
        }

        var resources = ResourceReader.Read(text, _folder.Load(remote).Span);
        _session.CountResources(resources.Count);
        resources.ForEach(r => _origin?.Append(text).MarkRead(r));
        into.Resources.AppendAll(resources);
    }

    // Where nobody asks for origins, none are kept.
    private BuildOrigin? Moved(BuildOrigin origin) => _origin is null ? null : origin;

    private List<Resource> ReadResources(string path)
    {
        var (file, content) = _folder.Load(path);
        var resources = ResourceReader.Read(file, content.Span);
        _session.CountResources(resources.Count);
        if (_origin?.Append(path) is { } origin)
        {
            resources.ForEach(origin.MarkRead);
        }

        return resources;
    }

    private void AddBase(Accumulated into, KustomizeFolder folder, BuildOrigin? origin, bool isComponent)
    {
        var target = Load(_session, folder, folder.KustomizationFile(), spec => spec, _ => origin);
        if (target._spec.IsComponent != isComponent)
        {
            throw new KustomizeException(isComponent
                ? $"expected kind 'Component' for path '{folder.Path}' but got 'Kustomization'"
                : $"expected kind != 'Component' for path '{folder.Path}'; list it in components");
        }

        if (isComponent)
        {
            target.Accumulate(into);
            into.Resources.RefuseDuplicates();
            return;
        }

        var own = new Accumulated();
        target.Accumulate(own);
        into.Add(own);
    }

    private TransformerFields ReadFields(IReadOnlyList<SpecText> paths, FieldReader read)
    {
        var result = TransformerFields.None;
        foreach (var path in paths)
        {
            try
            {
                var (file, content) = _folder.Load(path.Text);
                result = result.Merge(read(file, content.Span));
            }
            catch (KustomizeException error)
            {
                throw error.At(_spec.File, path.Position);
            }
        }

        return result;
    }

    private void Generate(Accumulated into)
    {
        foreach (var (generator, isSecret) in _spec.ConfigMaps.Select(g => (g, false)).Concat(_spec.Secrets.Select(g => (g, true))))
        {
            Absorb(into, ResourceGenerator.Make(_folder, generator, isSecret, _spec.GeneratorOptions, _spec.File), generator.Position, BuildOrigin.BuiltIn(isSecret ? "SecretGenerator" : "ConfigMapGenerator"));
        }

        foreach (var chart in _spec.HelmCharts)
        {
            Inflate(into, chart);
        }

        foreach (var plugin in Plugins(_spec.Generators))
        {
            BuiltInPlugin.Generate(plugin, _folder, resource => Absorb(into, resource, new Position(plugin.Line, 1), BuildOrigin.Plugin(plugin), OriginOf(plugin)));
        }
    }

    private void Absorb(Accumulated into, Resource resource, Position position, string by, BuildOrigin? origin = null)
    {
        _session.CountResources(1);
        (origin ?? _ownFile)?.MarkGenerated(resource, by);
        try
        {
            _session.Tracker?.See(into.Resources);
            if (into.Resources.Absorb(resource) is { } old)
            {
                _session.Tracker?.Replace(old, resource);
            }

            _session.Tracker?.Note(into.Resources, new FieldOrigin(_spec.File, position.Line, "generator"));
        }
        catch (KustomizeException error)
        {
            throw error.At(_spec.File, position);
        }
    }

    private void Inflate(Accumulated into, YamlMap chart)
    {
        if (_session.Request.Charts is not { } charts)
        {
            throw new KustomizeException("helmCharts are not enabled here (must specify --enable-helm)", _spec.File, chart.Position, KustomizeProblem.NotAllowed);
        }

        try
        {
            var manifests = charts.Inflate(new ChartInflation(_folder.Tree, _folder.Path, chart, _spec.HelmGlobals ?? YamlMap.Empty));
            foreach (var resource in ResourceReader.Read(_spec.File, Encoding.UTF8.GetBytes(manifests)))
            {
                Absorb(into, resource, chart.Position, BuildOrigin.BuiltIn("HelmChartInflationGenerator"));
            }
        }
        catch (KustomizeException error)
        {
            throw error.At(_spec.File, chart.Position);
        }
    }

    private void AddComponents(Accumulated into)
    {
        foreach (var path in _spec.Components)
        {
            try
            {
                if (RemoteAddress.IsRemote(path.Text))
                {
                    AddRemote(into, path.Text, isComponent: true);
                    continue;
                }

                if (path.IsOptional && _folder.Find(path.Text) is null)
                {
                    continue;
                }

                AddBase(into, _folder.Enter(path.Text), _origin?.Append(path.Text), isComponent: true);
            }
            catch (KustomizeException error)
            {
                throw error.At(_spec.File, path.Position);
            }
        }
    }

    private void Transform(Accumulated into)
    {
        new BuiltInTransformers(into, _folder, _spec, _session, _ownFile).Apply();
        foreach (var plugin in Plugins(_spec.Transformers))
        {
            BuiltInPlugin.Transform(plugin, into.Resources, _folder, _session);
            _session.Tracker?.Note(into.Resources, new FieldOrigin(plugin.File, plugin.Line, plugin.Kind));
            OriginOf(plugin)?.MarkTransformed(into.Resources, BuildOrigin.Plugin(plugin));
            into.Resources.DropDeleted();
        }
    }

    // A validator may look, and label what it saw, but must not change anything.
    private void Validate(Accumulated into)
    {
        foreach (var plugin in Plugins(_spec.Validators))
        {
            var before = into.Resources.All.Select(r => (r, r.Body)).ToArray();
            BuiltInPlugin.Transform(plugin, into.Resources, _folder, _session);
            if (before.Any(pair => !pair.r.Body.Equals(pair.Body)))
            {
                throw new KustomizeException("validator shouldn't modify the resource map", plugin.File, new Position(plugin.Line, 1));
            }
        }
    }

    // An entry is the plugin's configuration itself, a file of it, or a folder that is built to it.
    private List<Resource> Plugins(IReadOnlyList<SpecText> entries)
    {
        var inline = new List<Resource>();
        var paths = new List<SpecText>();
        foreach (var entry in entries)
        {
            try
            {
                inline.AddRange(ResourceReader.Read(_spec.File, Encoding.UTF8.GetBytes(entry.Text)).Select(r => Placed(r, entry.Position)));
            }
            catch (KustomizeException)
            {
                paths.Add(entry);
            }
        }

        var accumulated = new Accumulated();
        accumulated.Resources.AppendAll(inline);
        AddResources(accumulated, paths);
        return [.. accumulated.Resources.All];
    }

    // Where the resource that configures a plugin was read from.
    private BuildOrigin? OriginOf(Resource plugin) => _origin is null || BuildOrigin.Get(plugin, BuildOrigin.OriginAnnotation) is not { Length: > 0 } text
        ? null
        : YamlText.ReadOne(Encoding.UTF8.GetBytes(text)) is YamlMap map ? new BuildOrigin(map["repo"]?.AsString() ?? "", map["ref"]?.AsString() ?? "", map["path"]?.AsString() ?? "") : null;

    private Resource Placed(Resource resource, Position position)
    {
        _ownFile?.MarkRead(resource);
        resource.Line = position.Line + Math.Max(0, resource.Line - 1);
        return resource;
    }
}
