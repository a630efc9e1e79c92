using System.CommandLine;
using Capstan.Cli.Connection;

namespace Capstan.Cli.Commands;

/// <summary><c>capstan login</c></summary>
internal static class LoginCommand
{
    public static Command Create(CliContext context)
    {
        var link = new Option<bool>("--link") { Description = "Print a link that signs a browser in as you, once, within 15 minutes" };
        var command = new Command("login", """
            Check that the server takes your token, or print a link that signs a browser in.

            Examples:
              capstan login
              capstan login --link
            """) { link };
        command.SetAction(async (line, cancellation) =>
        {
            using var client = Connecting.Client(line, context);
            if (line.GetValue(link))
            {
                context.Out.WriteLine((await client.CreateSignInLinkAsync(cancellation).ConfigureAwait(false)).Url);
                return ExitCodes.Fine;
            }
            var version = await client.VersionAsync(cancellation).ConfigureAwait(false);
            context.Out.WriteLine($"signed in; the server is {version.Version}");
            return ExitCodes.Fine;
        });
        return command;
    }
}
