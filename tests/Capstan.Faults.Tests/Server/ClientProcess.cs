using System.Diagnostics;
using Capstan.Faults.Tests.Load;

namespace Capstan.Faults.Tests.Server;

/// <summary>The client's process, steered by words.</summary>
internal sealed class ClientProcess : IAsyncDisposable
{
    private readonly Process _process;

    public ClientProcess(LoadSettings settings)
    {
        _process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [Tests.Program.ClientArgument, settings.Text])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        // Its complaints are about a server that is dead, which is the point.
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginErrorReadLine();
    }

    /// <summary>Says a word and waits until it is done.</summary>
    public async Task SayAsync(string word)
    {
        await _process.StandardInput.WriteLineAsync(word);
        await _process.StandardInput.FlushAsync();
        var answer = await _process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(90));
        if (answer != word) throw new InvalidOperationException($"the client answered {answer ?? "nothing"} to {word}");
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        try
        {
            await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(5));
        }
        catch (TimeoutException)
        {
            _process.Kill();
        }
        _process.Dispose();
    }
}
