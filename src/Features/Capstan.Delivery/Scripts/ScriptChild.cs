using Capstan.Yaml;

namespace Capstan.Delivery.Scripts;

/// <summary>
/// The child process in which scripts run: one after the other, as they come over standard input. It holds nothing and may be killed at any time,
/// which is how the time of a script is limited.
/// </summary>
public static class ScriptChild
{
    /// <summary>The argument with which the program is this child.</summary>
    public const string Argument = "__scripts";

    /// <summary>Works until the input ends.</summary>
    public static async Task RunAsync(Stream input, Stream output, CancellationToken cancellation)
    {
        while (await ScriptPipe.ReadAsync(input, cancellation).ConfigureAwait(false) is { } message)
        {
            ScriptAnswer answer;
            try
            {
                answer = LuaRun.Run(ScriptRequest.Read(message));
            }
            catch (Exception error) when (error is YamlException or DllNotFoundException or InsufficientExecutionStackException)
            {
                answer = new ScriptAnswer(null, error.Message);
            }

            await ScriptPipe.WriteAsync(output, answer.Write(), cancellation).ConfigureAwait(false);
        }
    }
}
