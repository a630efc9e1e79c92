using Capstan.Kustomize.Merging;
using Capstan.Kustomize.SourceMaps;
using Capstan.Yaml;

namespace Capstan.Kustomize.Building;

/// <summary>What one build shares between its kustomizations.</summary>
internal sealed class BuildSession(KustomizeRequest request)
{
    private MergeSchema? _custom;

    public KustomizeRequest Request { get; } = request;

    public List<string> Warnings { get; } = [];

    /// <summary>Who set which field; null where nobody wants to know.</summary>
    public SourceTracker? Tracker { get; } = request.SourceMap ? new SourceTracker() : null;

    /// <summary>The schema for merging: the first one that a kustomization brings, else the built-in one.</summary>
    public MergeSchema Schema => _custom ?? BuiltInMergeSchema.Instance;

    private int _kustomizations;

    private int _resources;

    public void BringSchema(ReadOnlySpan<byte> content, string file)
    {
        if (_custom is not null)
        {
            return;
        }

        try
        {
            _custom = new OpenApiMergeSchema(YamlText.ReadOne(content, new ReadLimits { DuplicateKeys = DuplicateKeys.LastWins }));
        }
        catch (YamlException error)
        {
            throw new KustomizeException($"invalid schema file: {error.Problem}", file, error.Position, inner: error);
        }
    }

    public void CountKustomization()
    {
        if (++_kustomizations > Request.Limits.MaxKustomizations)
        {
            throw new KustomizeException($"the build reads more than {Request.Limits.MaxKustomizations:N0} kustomizations", kind: KustomizeProblem.TooLarge);
        }
    }

    public void CountResources(int count)
    {
        _resources += count;
        if (_resources > Request.Limits.MaxResources)
        {
            throw new KustomizeException($"the build reads more than {Request.Limits.MaxResources:N0} resources", kind: KustomizeProblem.TooLarge);
        }
    }
}
