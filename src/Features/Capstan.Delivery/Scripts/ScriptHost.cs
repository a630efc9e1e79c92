using System.Diagnostics;

namespace Capstan.Delivery.Scripts;

/// <summary>How the child process for scripts is started.</summary>
/// <param name="Program">The program's path.</param>
/// <param name="Arguments">Its arguments.</param>
public sealed record ScriptProgram(string Program, IReadOnlyList<string> Arguments)
{
    /// <summary>This very program once more; null where it cannot be told.</summary>
    public static ScriptProgram? Own()
    {
        if (Environment.ProcessPath is not { } path)
        {
            return null;
        }

        // Started as `dotnet PROGRAM.dll`, the program is the first argument.
        return Path.GetFileNameWithoutExtension(path) == "dotnet"
            ? new ScriptProgram(path, [Environment.GetCommandLineArgs()[0], ScriptChild.Argument])
            : new ScriptProgram(path, [ScriptChild.Argument]);
    }
}

/// <summary>
/// Runs scripts in a child process: what hangs, dies or eats memory there takes nothing along. The child is started when it is first needed, serves one
/// script at a time, is killed when one takes too long, and started again for the next. Its environment holds nothing but where .NET is, so that no secret is in it.
/// </summary>
internal sealed class ScriptHost(ScriptProgram? program, TimeProvider time) : IDisposable
{
    /// <summary>How long a script may take; the first one also starts the child.</summary>
    public static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);

    // Of managed memory; Lua's own is limited for each script.
    private const string HeapLimit = "0x10000000";

    private readonly SemaphoreSlim _one = new(1);
    private Process? _child;

    /// <summary>Runs a script. It never throws for what the script does.</summary>
    public async Task<ScriptAnswer> RunAsync(ScriptRequest request, CancellationToken cancellation)
    {
        if (program is null)
        {
            return new ScriptAnswer(null, "scripts are not run here");
        }

        await _one.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            var limit = TimeLimit;
            if (_child is not { HasExited: false })
            {
                Stop();
                _child = Start(program);
                limit += StartLimit;
            }

            return await AskAsync(_child, request, limit, cancellation).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or System.ComponentModel.Win32Exception or Yaml.YamlException)
        {
            Stop();
            return new ScriptAnswer(null, $"the process of scripts failed: {error.Message}");
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose()
    {
        Stop();
        _one.Dispose();
    }

    private async Task<ScriptAnswer> AskAsync(Process child, ScriptRequest request, TimeSpan limit, CancellationToken cancellation)
    {
        using var late = new CancellationTokenSource(limit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellation);
        try
        {
            await ScriptPipe.WriteAsync(child.StandardInput.BaseStream, request.Write(), both.Token).ConfigureAwait(false);
            if (await ScriptPipe.ReadAsync(child.StandardOutput.BaseStream, both.Token).ConfigureAwait(false) is { } answer)
            {
                return ScriptAnswer.Read(answer);
            }

            Stop();
            return new ScriptAnswer(null, "the script ended its process");
        }
        catch (OperationCanceledException)
        {
            // An answer that comes later would pass for that of the next script.
            Stop();
            cancellation.ThrowIfCancellationRequested();
            return new ScriptAnswer(null, $"the script took longer than {TimeLimit.TotalSeconds:0} s");
        }
    }

    private static Process Start(ScriptProgram program)
    {
        var start = new ProcessStartInfo(program.Program, program.Arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        var kept = start.Environment.Where(e => e.Key.StartsWith("DOTNET_ROOT", StringComparison.Ordinal)).ToList();
        start.Environment.Clear();
        foreach (var (name, value) in kept)
        {
            start.Environment[name] = value;
        }

        start.Environment["DOTNET_GCHeapHardLimit"] = HeapLimit;
        var child = Process.Start(start) ?? throw new IOException($"{program.Program} did not start");

        // What it says of its end is read away, or it would wait for ever for a reader.
        child.ErrorDataReceived += static (_, _) => { };
        child.BeginErrorReadLine();
        return child;
    }

    private void Stop()
    {
        if (_child is { } child)
        {
            _child = null;
            try
            {
                child.Kill();
            }
            catch (InvalidOperationException)
            {
                // It has ended already.
            }

            child.Dispose();
        }
    }
}
