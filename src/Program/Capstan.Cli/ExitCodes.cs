namespace Capstan.Cli;

/// <summary>What an exit code means; docs/reference/exit-codes.md is this list for users.</summary>
public static class ExitCodes
{
    /// <summary>All is fine.</summary>
    public const int Fine = 0;

    /// <summary>A difference was found, or something is unhealthy.</summary>
    public const int Difference = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>Not signed in, or not allowed.</summary>
    public const int NotAllowed = 3;

    /// <summary>What was named does not exist.</summary>
    public const int NotFound = 4;

    /// <summary>The time ran out.</summary>
    public const int TimedOut = 5;

    /// <summary>The server failed or does not answer.</summary>
    public const int ServerFailed = 6;

    /// <summary>The input was refused, or the apply failed.</summary>
    public const int Refused = 7;

    /// <summary>Interrupted, as shells say it of SIGINT.</summary>
    public const int Interrupted = 130;
}
