using System.CommandLine;
using Capstan.Helm;

namespace Capstan.Cli.Pushing;

/// <summary>What a command line says of a chart's values.</summary>
/// <param name="Files">Files of values, later ones over earlier ones.</param>
/// <param name="Settings">Single values.</param>
internal sealed record ChartValues(IReadOnlyList<HelmValuesFile> Files, IReadOnlyList<HelmSetting> Settings)
{
    public static readonly ChartValues None = new([], []);

    /// <summary>Whether anything is said.</summary>
    public bool IsGiven => Files.Count + Settings.Count > 0;
}

/// <summary>The options for a chart's values, named as Helm names them.</summary>
internal sealed class ChartValueOptions
{
    private readonly Option<string[]> _files = new("--values", "-f") { Description = "A file of values for a chart; later ones win", HelpName = "FILE" };
    private readonly (Option<string[]> Option, HelmSettingKind Kind)[] _settings =
    [
        (new("--set") { Description = "A value for a chart", HelpName = "KEY=VALUE" }, HelmSettingKind.Set),
        (new("--set-string") { Description = "A value for a chart that is text", HelpName = "KEY=VALUE" }, HelmSettingKind.SetString),
        (new("--set-json") { Description = "A value for a chart as JSON", HelpName = "KEY=JSON" }, HelmSettingKind.Json),
        (new("--set-file") { Description = "A value for a chart that is a file's content", HelpName = "KEY=FILE" }, HelmSettingKind.SetFile),
        (new("--set-literal") { Description = "A value for a chart, taken as it stands", HelpName = "KEY=VALUE" }, HelmSettingKind.SetLiteral),
    ];

    public void AddTo(Command command)
    {
        command.Options.Add(_files);
        foreach (var (option, _) in _settings) command.Options.Add(option);
    }

    /// <summary>Reads them, and the files that they name.</summary>
    /// <exception cref="CommandException">A file is not there.</exception>
    public ChartValues Read(ParseResult line) => new(
        [.. (line.GetValue(_files) ?? []).SelectMany(f => f.Split(',')).Select(f => new HelmValuesFile(f, Content(f)))],
        [.. _settings.SelectMany(s => (line.GetValue(s.Option) ?? []).Select(text => new HelmSetting(s.Kind, text)))]);

    private static byte[] Content(string file) => File.Exists(file)
        ? File.ReadAllBytes(file)
        : throw new CommandException(ExitCodes.NotFound, $"--values {file}: there is no such file");
}
