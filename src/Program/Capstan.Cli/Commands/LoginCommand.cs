using System.CommandLine;
using Capstan.Api.Client;
using Capstan.Cli.Connection;

namespace Capstan.Cli.Commands;

/// <summary><c>capstan login</c></summary>
internal static class LoginCommand
{
    public static Command Create(CliContext context)
    {
        var link = new Option<bool>("--link") { Description = "Print a link that signs a browser in as you, once, within 15 minutes" };
        var device = new Option<bool>("--device") { Description = "Sign in with a browser, on this machine or another, even where a token is known already" };
        var forget = new Option<bool>("--forget") { Description = "Forget the token of a sign-in to this server" };
        var command = new Command("login", """
            Sign in to a server with a browser, and keep the token for the next commands; with a token that is known already, check that the server takes it.

            Examples:
              capstan login --server https://capstan.example.com
              capstan login
              capstan login --link
              capstan login --forget
            """) { link, device, forget };
        command.SetAction(async (line, cancellation) =>
        {
            var address = Connecting.Address(line, context);
            using var client = new CapstanClient(address);
            if (line.GetValue(forget)) return Forget(context, address.Url);
            if (line.GetValue(link))
            {
                context.Out.WriteLine((await client.CreateSignInLinkAsync(cancellation).ConfigureAwait(false)).Url);
                return ExitCodes.Fine;
            }

            if (line.GetValue(device) || address.Token is null) return await SignInAsync(context, address.Url, cancellation).ConfigureAwait(false);
            var version = await client.VersionAsync(cancellation).ConfigureAwait(false);
            context.Out.WriteLine($"signed in; the server is {version.Version}");
            return ExitCodes.Fine;
        });
        return command;
    }

    private static int Forget(CliContext context, Uri server)
    {
        if (SavedLogins.Of(context) is not { } saved || saved.Find(server) is null) throw new CommandException(ExitCodes.NotFound, $"{server}: no token of a sign-in is kept");
        saved.Set(server, null);
        context.Out.WriteLine($"forgotten; `capstan delete token` ends a token on the server");
        return ExitCodes.Fine;
    }

    private static async Task<int> SignInAsync(CliContext context, Uri server, CancellationToken cancellation)
    {
        var saved = SavedLogins.Of(context) ?? throw new CommandException(ExitCodes.Usage, "there is no place to keep a token: neither XDG_CONFIG_HOME nor HOME is set");
        using var client = new CapstanClient(new ServerAddress(server, null));
        var begun = await client.BeginDeviceLoginAsync(System.Environment.MachineName, cancellation).ConfigureAwait(false);
        context.Say($"Open {begun.Url}");
        context.Say($"and allow the program whose code is {begun.UserCode}");
        // The server ends it when its time is over.
        while (true)
        {
            await Task.Delay(TimeSpan.FromSeconds(Math.Clamp(begun.Interval, 1, 60)), context.Clock, cancellation).ConfigureAwait(false);
            var state = await client.AskDeviceLoginAsync(begun.Secret, cancellation).ConfigureAwait(false);
            if (state.State == "refused") throw new CommandException(ExitCodes.NotAllowed, "it was refused in the browser");
            if (state.Token is not { Length: > 0 } token) continue;
            saved.Set(server, token);
            context.Out.WriteLine($"signed in; the token is in {saved.File}");
            return ExitCodes.Fine;
        }
    }
}
