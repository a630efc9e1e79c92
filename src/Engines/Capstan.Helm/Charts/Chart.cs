using Capstan.GoTemplates;

namespace Capstan.Helm.Charts;

/// <summary>A file of a chart.</summary>
/// <param name="Name">The path in its chart.</param>
/// <param name="Content">The bytes, without a byte order mark.</param>
internal sealed record ChartFile(string Name, ReadOnlyMemory<byte> Content)
{
    private string? _text;
    private GoBytes? _bytes;

    /// <summary>The content as text, made once.</summary>
    public string Text => _text ??= GoText.FromBytes(Content.Span);

    /// <summary>The content as templates see it, made once.</summary>
    public GoBytes Bytes => _bytes ??= new GoBytes(Content.ToArray());

    /// <summary>Where the file lies, from the folder of the outermost chart.</summary>
    public string Source { get; init; } = Name;
}

/// <summary>
/// A chart as it was loaded, or as it is after dependencies were switched on and off. Loading gives charts that are shared and must not
/// be changed; <see cref="Copy"/> gives one whose dependencies, metadata and values may be.
/// </summary>
internal sealed class Chart
{
    private List<Chart> _dependencies = [];

    public required ChartMetadata Metadata { get; set; }

    public IReadOnlyList<ChartFile> Templates { get; init; } = [];

    public IReadOnlyList<ChartFile> Files { get; init; } = [];

    /// <summary>The defaults of values.yaml.</summary>
    public GoMap Values { get; set; } = new();

    public ChartFile? Schema { get; init; }

    /// <summary>Told when a template reads one of <see cref="Files"/>.</summary>
    public Action<string>? FileRead { get; init; }

    public Chart? Parent { get; private set; }

    public string Name => Metadata.Name;

    public IReadOnlyList<Chart> Dependencies
    {
        get => _dependencies;
        set
        {
            _dependencies = [.. value];
            foreach (var dependency in _dependencies)
            {
                dependency.Parent = this;
            }
        }
    }

    /// <summary>The path under which the chart's templates are known: <c>parent/charts/child</c>.</summary>
    public string FullPath => Parent is null ? Name : $"{Parent.FullPath}/charts/{Name}";

    public bool IsLibrary => Metadata.Type.Equals("library", StringComparison.OrdinalIgnoreCase);

    /// <summary>A copy that may be changed: files are shared, values are copied when they are merged.</summary>
    /// <param name="fileRead">Told when a template reads one of this chart's own files; null when nobody asks.</param>
    public Chart Copy(Action<string>? fileRead = null) => new()
    {
        FileRead = fileRead,
        Metadata = Metadata.Copy(),
        Templates = Templates,
        Files = Files,
        Values = Values,
        Schema = Schema,
        Dependencies = [.. Dependencies.Select(static d => d.Copy())],
    };
}
