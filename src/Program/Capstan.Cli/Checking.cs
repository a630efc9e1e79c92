using System.CommandLine;
using System.CommandLine.Parsing;

namespace Capstan.Cli;

/// <summary>Rules between the options of a command.</summary>
internal static class Checking
{
    /// <summary>Adds a rule. It is asked only where the options themselves can be read: half a command line is what completion sees.</summary>
    public static void AddRule(this Command command, Action<CommandResult> rule) => command.Validators.Add(line =>
    {
        try
        {
            rule(line);
        }
        catch (InvalidOperationException)
        {
            // An option without its value: the parser says so itself.
            return;
        }
    });
}
