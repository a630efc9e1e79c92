using Capstan.Oci.Manifests;
using Capstan.Oci.References;
using Capstan.Registry.Building.Files;

namespace Capstan.Registry.Building;

/// <summary>A layer of a stage: one that was written here, or one of the base image.</summary>
internal sealed record StageLayer(Descriptor Blob, string DiffId, Func<Stream> Open, ImageReference? From);

/// <summary>One stage while it is built.</summary>
internal sealed class Stage
{
    public required RunConfig Config { get; set; }

    public required List<StageLayer> Layers { get; init; }

    public required List<HistoryEntry> History { get; init; }

    public required RootTree Tree { get; init; }

    public Dictionary<string, string> Arguments { get; } = [];

    /// <summary>The variables that instructions see: those of the image before those of the build.</summary>
    public string? Variable(string name) => (Config.Env ?? []).Select(e => e.Split('=', 2)).LastOrDefault(e => e[0] == name) is [_, var value] ? value : Arguments.GetValueOrDefault(name);

    public Stage Follow() => new() { Config = Config, Layers = [.. Layers], History = [.. History], Tree = Tree.Copy() };

    public static Stage Scratch() => new() { Config = new RunConfig(), Layers = [], History = [], Tree = new RootTree() };
}
