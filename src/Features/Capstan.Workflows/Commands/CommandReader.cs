using System.Globalization;
using Capstan.Workflows.Logs;

namespace Capstan.Workflows.Commands;

/// <summary>Follows the commands in a step's output, and writes every line to the log.</summary>
/// <param name="log">The job's log.</param>
/// <param name="annotate">Gets annotations.</param>
internal sealed class CommandReader(JobLog log, Action<Annotation> annotate)
{
    private const int MostAnnotations = 50;
    private string? _stopToken;
    private int _annotations;

    /// <summary>Takes a line of output.</summary>
    public void Take(string line)
    {
        if (_stopToken is { } token)
        {
            if (line.Trim() == $"::{token}::") _stopToken = null;
            log.Write(line);
        }
        else if (!WorkflowCommand.TryParse(line, out var command))
        {
            log.Write(line);
        }
        else
        {
            Follow(command, line);
        }
    }

    private void Follow(WorkflowCommand command, string line)
    {
        switch (command.Name)
        {
            case "add-mask":
                log.AddMask(command.Message);
                log.Write("::add-mask::***");
                break;
            case "stop-commands":
                // A word that everybody knows would let the output itself start commands again.
                if (command.Message is { Length: > 0 } token && token is not ("pause-logging" or "add-mask" or "error")) _stopToken = token;
                break;
            case "group":
                log.Write($"##[group]{command.Message}");
                break;
            case "endgroup":
                log.Write("##[endgroup]");
                break;
            case "debug":
                log.Write($"##[debug]{command.Message}");
                break;
            case "notice" or "warning" or "error":
                Annotate(command);
                break;
            case "echo":
                break;
            case "set-output" or "save-state" or "set-env" or "add-path":
                log.Write($"##[error]::{command.Name} is not followed: any program's output could set it. Append to the file behind GITHUB_{(command.Name switch { "set-output" => "OUTPUT", "save-state" => "STATE", "set-env" => "ENV", _ => "PATH" })}");
                break;
            default:
                log.Write(line);
                break;
        }
    }

    private void Annotate(WorkflowCommand command)
    {
        var (file, line) = (command.Property("file"), Number(command.Property("line")));
        var place = file.Length == 0 ? "" : line == 0 ? $"{file}: " : $"{file}:{line}: ";
        foreach (var part in $"##[{command.Name}]{place}{command.Message}".Split('\n')) log.Write(part);
        if (++_annotations <= MostAnnotations)
        {
            annotate(new Annotation(command.Name, log.Mask(command.Message), log.Mask(file), line, Number(command.Property("col")), log.Mask(command.Property("title"))));
        }
    }

    private static int Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
