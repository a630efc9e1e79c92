using System.CommandLine;

namespace Capstan.Cli.Commands;

/// <summary>The arguments that name applications.</summary>
internal static class ApplicationArguments
{
    public static Argument<string> One() => new("APP") { Description = "The application's name" };

    public static Argument<string[]> Many() => new("APP") { Description = "The applications' names", Arity = ArgumentArity.OneOrMore };
}
