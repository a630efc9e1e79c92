namespace Capstan.Cli.Connection;

/// <summary>Where the data folder is: <c>--data</c>, <c>CAPSTAN_DATA</c>, else beneath the user's data home.</summary>
internal static class DataFolder
{
    public static string Find(string? asked, CliContext context)
    {
        if ((asked ?? context.Environment("CAPSTAN_DATA")) is { Length: > 0 } named) return Path.GetFullPath(named);
        var home = context.Environment("XDG_DATA_HOME")
            ?? (context.Environment("HOME") is { } user ? Path.Combine(user, ".local", "share") : null)
            ?? throw new CommandException(ExitCodes.Usage, "no data folder: neither --data, CAPSTAN_DATA, XDG_DATA_HOME nor HOME is set. Name one with --data");
        return Path.Combine(home, "capstan");
    }
}
