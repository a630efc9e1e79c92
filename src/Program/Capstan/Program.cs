using System.Reflection;
using System.Runtime.InteropServices;
using Capstan;
using Capstan.Cli;

using var stopping = new CancellationTokenSource();
void Stop(PosixSignalContext signal)
{
    // The first asks for an orderly end; the second ends at once.
    if (stopping.IsCancellationRequested) return;
    signal.Cancel = true;
    stopping.Cancel();
}
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);

var version = "capstan " + (typeof(ServerBinding).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown");
var context = new CliContext
{
    Out = Console.Out,
    Error = Console.Error,
    In = Console.In,
    Host = new ServerBinding(version),
    Version = version,
    Colours = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("NO_COLOR") is null or "",
    Interactive = !Console.IsInputRedirected && !Console.IsErrorRedirected,
};
return await CommandLine.RunAsync(args, context, stopping.Token);
