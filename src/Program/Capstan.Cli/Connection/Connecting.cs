using System.CommandLine;
using Capstan.Api.Client;

namespace Capstan.Cli.Connection;

/// <summary>The options by which a command finds its server, and the client that follows from them.</summary>
internal static class Connecting
{
    public static readonly Option<string?> Server = new("--server")
    {
        Description = "The server's address (CAPSTAN_SERVER)",
        HelpName = "URL",
        Recursive = true,
    };

    public static readonly Option<string?> Data = new("--data")
    {
        Description = "The data folder (CAPSTAN_DATA)",
        HelpName = "DIR",
        Recursive = true,
    };

    public static CapstanClient Client(ParseResult line, CliContext context) => new(Address(line, context));

    /// <summary>The server's address with the token for it.</summary>
    public static ServerAddress Address(ParseResult line, CliContext context)
    {
        var text = line.GetValue(Server) ?? context.Environment("CAPSTAN_SERVER") ?? ServerAddress.DefaultUrl;
        if (!text.Contains("://", StringComparison.Ordinal)) text = "http://" + text;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
        {
            throw new CommandException(ExitCodes.Usage, $"--server {text}: is no address. Give one such as {ServerAddress.DefaultUrl}");
        }
        return new ServerAddress(url, Token(line, context, url));
    }

    /// <summary>The token for a server: that of the environment, that of a sign-in to just this server, else the administrator's of a data folder on this machine.</summary>
    private static string? Token(ParseResult line, CliContext context, Uri server)
    {
        if (context.Environment("CAPSTAN_TOKEN") is { } token) return token.Trim();
        if (SavedLogins.Of(context)?.Find(server) is { } saved) return saved;
        // The administrator of this machine's server goes to no other machine, unless its folder was named.
        if (!server.IsLoopback && line.GetValue(Data) is null && context.Environment("CAPSTAN_DATA") is null) return null;
        var file = Path.Combine(DataFolder.Find(line.GetValue(Data), context), "token");
        try
        {
            return File.Exists(file) ? File.ReadAllText(file).Trim() : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            context.Say($"{file}: {e.Message}; going on without a token");
            return null;
        }
    }
}
