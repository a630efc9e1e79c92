using System.Globalization;
using Capstan.Oci.Manifests;
using Capstan.Registry.Building.Dockerfiles;
using Capstan.Registry.Building.Files;

namespace Capstan.Registry.Building;

/// <summary>Carries the instructions of a Dockerfile out for one platform, stage after stage; stages that the wanted one does not need are left out.</summary>
internal sealed class StageRunner(BuildRequest request, IReadOnlyList<Instruction> instructions, RootTree context, BaseImages bases, Platform platform, string work)
{
    private readonly List<(string? Name, Stage Stage)> _stages = [];
    private readonly Dictionary<string, string> _global = [];

    public async Task<Stage> RunAsync(CancellationToken cancellation)
    {
        Stage? stage = null;
        foreach (var instruction in instructions)
        {
            cancellation.ThrowIfCancellationRequested();
            if (instruction.Keyword == "FROM")
            {
                if (stage is not null && IsTarget()) return stage;
                stage = await BeginAsync(instruction, cancellation).ConfigureAwait(false);
            }
            else if (stage is not null) await StepAsync(instruction, stage, cancellation).ConfigureAwait(false);
            else if (instruction.Keyword == "ARG") Declare(instruction, _global, Global);
            else throw instruction.Wrong("stands before the first FROM; only ARG may");
        }

        if (stage is null) throw new BuildException("the Dockerfile has no FROM");
        return request.Target is null || IsTarget() ? stage : throw new BuildException($"--target {request.Target}: there is no such stage");
    }

    private bool IsTarget() => request.Target is { } target && (target.Equals(_stages[^1].Name, StringComparison.OrdinalIgnoreCase) || target == (_stages.Count - 1).ToString(CultureInfo.InvariantCulture));

    private async Task<Stage> BeginAsync(Instruction instruction, CancellationToken cancellation)
    {
        var words = Words.Split(instruction.Text, Global, instruction);
        var name = words is [_, var word, var given] && word.Equals("AS", StringComparison.OrdinalIgnoreCase) ? given.ToLowerInvariant() : null;
        if (words.Count != 1 && name is null) throw instruction.Wrong("is FROM IMAGE [AS NAME]");
        var of = instruction.Flags.LastOrDefault(f => f.Name == "platform").Value is { } asked ? Platform.Parse(Words.Fill(asked, Global, instruction)) : platform;
        var stage = words[0] == "scratch" ? Stage.Scratch()
            : Earlier(words[0]) is { } earlier ? earlier.Follow()
            : await bases.GetAsync(words[0], of, request.Folder, instruction, cancellation).ConfigureAwait(false);
        _stages.Add((name, stage));
        return stage;
    }

    private Stage? Earlier(string name) => _stages.FirstOrDefault(s => name.Equals(s.Name, StringComparison.OrdinalIgnoreCase)).Stage
        ?? (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < _stages.Count ? _stages[number].Stage : null);

    private async Task StepAsync(Instruction instruction, Stage stage, CancellationToken cancellation)
    {
        switch (instruction.Keyword)
        {
            case "ARG":
                Declare(instruction, stage.Arguments, stage.Variable);
                return;
            case "COPY" or "ADD":
                RequireFlags(instruction, "from", "chown", "chmod", "link");
                var layer = await new CopyStep(instruction, stage, await SourceAsync(instruction, stage, cancellation).ConfigureAwait(false), work).RunAsync(cancellation).ConfigureAwait(false);
                await AddLayerAsync(instruction, stage, layer, cancellation).ConfigureAwait(false);
                return;
            case "WORKDIR":
                await WorkFolderAsync(instruction, stage, cancellation).ConfigureAwait(false);
                return;
            case "ONBUILD":
                throw instruction.Wrong("is not done here", needsEngine: true);
        }

        stage.Config = ConfigSteps.Apply(instruction, stage) ?? throw instruction.Wrong("is no instruction of Dockerfiles");
        Tell(instruction, stage, empty: true);
    }

    private async Task<RootTree> SourceAsync(Instruction instruction, Stage stage, CancellationToken cancellation)
    {
        if (instruction.Flags.LastOrDefault(f => f.Name == "from").Value is not { } from) return context;
        var name = Words.Fill(from, stage.Variable, instruction);
        var earlier = Earlier(name);
        if (ReferenceEquals(earlier, stage)) throw instruction.Wrong($"--from={name}: is the stage itself");
        return (earlier ?? await bases.GetAsync(name, platform, request.Folder, instruction, cancellation).ConfigureAwait(false)).Tree;
    }

    private async Task WorkFolderAsync(Instruction instruction, Stage stage, CancellationToken cancellation)
    {
        var text = Words.Fill(instruction.Text, stage.Variable, instruction);
        if (text.Length == 0) throw instruction.Wrong("needs a path");
        var whole = text.StartsWith('/') ? text : $"{stage.Config.WorkingDir ?? ""}/{text}";
        var path = "/" + string.Join('/', whole.Split('/').Where(p => p is not ("" or ".")).Aggregate(new List<string>(), (parts, part) => part == ".." ? [.. parts.SkipLast(1)] : [.. parts, part]));
        stage.Config = stage.Config with { WorkingDir = path };
        var made = new Dictionary<string, FileNode>();
        for (var folder = stage.Tree.Resolve(path, lastToo: true); folder.Length > 0 && stage.Tree.Find(folder) is null; folder = folder.LastIndexOf('/') is var slash and > 0 ? folder[..slash] : "") made[folder] = FileNode.DefaultFolder;
        foreach (var (folder, node) in made) stage.Tree.Put(folder, node);
        if (made.Count > 0) await AddLayerAsync(instruction, stage, made, cancellation).ConfigureAwait(false);
        else Tell(instruction, stage, empty: true);
    }

    private async Task AddLayerAsync(Instruction instruction, Stage stage, IReadOnlyDictionary<string, FileNode> entries, CancellationToken cancellation)
    {
        var written = await LayerWriter.WriteAsync(entries, request.Time, work, cancellation).ConfigureAwait(false);
        stage.Layers.Add(new StageLayer(written.Blob, written.DiffId.ToString(), () => File.OpenRead(written.File), null));
        Tell(instruction, stage, empty: false);
    }

    private void Tell(Instruction instruction, Stage stage, bool empty) => stage.History.Add(new HistoryEntry
    {
        Created = request.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        CreatedBy = instruction.Told,
        Comment = "capstan",
        EmptyLayer = empty ? true : null,
    });

    private void Declare(Instruction instruction, Dictionary<string, string> into, Func<string, string?> variable)
    {
        foreach (var word in Words.Split(instruction.Text, variable, instruction))
        {
            var parts = word.Split('=', 2);
            var value = request.Arguments.GetValueOrDefault(parts[0]) ?? (parts.Length == 2 ? parts[1] : ReferenceEquals(into, _global) ? null : _global.GetValueOrDefault(parts[0])) ?? Predefined(parts[0]);
            if (value is not null) into[parts[0]] = value;
        }
    }

    private string? Global(string name) => _global.GetValueOrDefault(name) ?? Predefined(name);

    private string? Predefined(string name) => name switch
    {
        "TARGETPLATFORM" or "BUILDPLATFORM" => platform.ToString(),
        "TARGETOS" or "BUILDOS" => platform.System,
        "TARGETARCH" or "BUILDARCH" => platform.Architecture,
        "TARGETVARIANT" or "BUILDVARIANT" => platform.Variant ?? "",
        _ => null,
    };

    private static void RequireFlags(Instruction instruction, params ReadOnlySpan<string> known)
    {
        foreach (var (name, _) in instruction.Flags)
        {
            if (!known.Contains(name)) throw instruction.Wrong($"--{name} is not done here", needsEngine: true);
        }
    }
}
