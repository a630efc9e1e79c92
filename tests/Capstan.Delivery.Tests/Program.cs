using Capstan.Delivery.Scripts;
using Xunit.MicrosoftTestingPlatform;

namespace Capstan.Delivery.Tests;

/// <summary>The tests; and the child process in which scripts run, which is this program once more as it is with Capstan itself.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        if (args is [ScriptChild.Argument])
        {
            await ScriptChild.RunAsync(Console.OpenStandardInput(), Console.OpenStandardOutput(), CancellationToken.None);
            return 0;
        }

        return args.Any(a => a is "-automated" or "@@")
            ? await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args)
            : await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions);
    }
}
