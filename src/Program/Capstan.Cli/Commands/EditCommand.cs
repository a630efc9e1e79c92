using System.CommandLine;

namespace Capstan.Cli.Commands;

/// <summary><c>capstan edit project</c></summary>
internal static class EditCommand
{
    public static Command Create(CliContext context) => new("edit", """
        Change a project.

        Examples:
          capstan get project team -o yaml > team.yaml
          capstan edit project team -f team.yaml
        """)
    {
        ProjectCommands.Edit(context),
    };
}
