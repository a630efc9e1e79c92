using System.CommandLine;

namespace Capstan.Cli.Commands;

/// <summary><c>capstan completion bash|zsh|fish</c>: a script that asks the program itself, by its <c>[suggest]</c> directive.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        _capstan() {
          local IFS=$'\n'
          COMPREPLY=($(compgen -W "$(capstan "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _capstan capstan
        """;

    private const string Zsh = """
        #compdef capstan
        _capstan() {
          local -a words
          words=("${(@f)$(capstan "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
          compadd -- $words
        }
        compdef _capstan capstan
        """;

    private const string Fish = """
        function __capstan_complete
          set -l line (commandline -cp)
          capstan "[suggest:"(string length -- $line)"]" "$line" 2>/dev/null
        end
        complete -f -c capstan -a '(__capstan_complete)'
        """;

    public static Command Create(CliContext context)
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh or fish" };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        var command = new Command("completion", "Print a shell's completion script.\n\nExamples:\n  source <(capstan completion bash)\n  capstan completion fish | source") { shell };
        command.SetAction(line => context.Out.WriteLine(line.GetValue(shell) switch { "bash" => Bash, "zsh" => Zsh, _ => Fish }));
        return command;
    }
}
