using Capstan.Faults.Tests.Load;
using Xunit.MicrosoftTestingPlatform;

namespace Capstan.Faults.Tests;

/// <summary>The tests; and, so that what it knows dies with no server, the client in a process of its own.</summary>
internal static class Program
{
    public const string ClientArgument = "--client-of-the-campaign";

    public static async Task<int> Main(string[] args)
    {
        if (args is [ClientArgument, var settings])
        {
            await LoadClient.RunAsync(LoadSettings.Parse(settings));
            return 0;
        }
        return args.Any(a => a is "-automated" or "@@")
            ? await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args)
            : await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions);
    }
}
