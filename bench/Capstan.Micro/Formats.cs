using BenchmarkDotNet.Attributes;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Micro;

/// <summary>What is done to every object: read, written, packed, merged, compared.</summary>
[MemoryDiagnoser]
public class Formats
{
    private readonly byte[] _small = SmallJson.Shrink(Samples.LiveJson);

    [Benchmark]
    public object ReadYaml() => YamlText.ReadAll(Samples.YamlBytes);

    [Benchmark]
    public object ReadJson() => JsonText.Read(Samples.LiveJson);

    [Benchmark]
    public object WriteJson() => JsonText.WriteBytes(Samples.Live.Body);

    [Benchmark]
    public object ShrinkJson() => SmallJson.Shrink(Samples.LiveJson);

    [Benchmark]
    public object ExpandJson() => SmallJson.Text(_small);

    [Benchmark]
    public object ApplyNew() => Samples.Merged(null, Samples.Desired);

    [Benchmark]
    public object ApplyChange() => Samples.Merged(Samples.Live, Samples.Changed);

    [Benchmark]
    public object CompareEqual() => ObjectDiff.Of(Samples.Desired, Samples.Live, new DiffOptions(Samples.Schema));

    [Benchmark]
    public object CompareChanged() => ObjectDiff.Of(Samples.Changed, Samples.Live, new DiffOptions(Samples.Schema));

    [Benchmark]
    public object? Health() => HealthAssessment.Of(Samples.Live);
}
