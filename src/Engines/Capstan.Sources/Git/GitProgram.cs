using System.Globalization;
using System.Text;
using Capstan.Sources.Processes;

namespace Capstan.Sources.Git;

/// <summary>
/// The installed git, locked down: no configuration but what is given here, no hooks, no prompts, no transports that run programs, no
/// housekeeping in the background, and writes that are on disk when git says so.
/// </summary>
/// <param name="runner">Starts programs.</param>
public sealed class GitProgram(ProcessRunner runner)
{
    private static readonly (string Key, string Value)[] FixedConfiguration =
    [
        ("core.hooksPath", "/dev/null"),
        ("core.fsmonitor", "false"),
        ("core.fsync", "all"),
        ("core.alternateRefsCommand", "true"),
        ("credential.helper", ""),
        ("gc.auto", "0"),
        ("maintenance.auto", "false"),
        ("receive.autogc", "false"),
        ("safe.directory", "*"),
        ("submodule.recurse", "false"),
        ("transfer.bundleURI", "false"),
        ("protocol.allow", "never"),
        ("http.followRedirects", "false"),
        ("http.lowSpeedLimit", "1000"),
        ("http.lowSpeedTime", "30"),
    ];

    /// <summary>Starts programs.</summary>
    public ProcessRunner Runner => runner;

    /// <summary>A call of git.</summary>
    /// <param name="arguments">The arguments, the command first.</param>
    /// <param name="configuration">Configuration for this call alone. It travels in the environment, so that no list of processes shows it.</param>
    /// <param name="environment">Further environment.</param>
    public static ProgramCall Call(
        IReadOnlyList<string> arguments,
        IEnumerable<(string Key, string Value)>? configuration = null,
        IEnumerable<(string Name, string Value)>? environment = null)
    {
        var variables = new Dictionary<string, string>
        {
            ["HOME"] = "/nonexistent",
            ["LC_ALL"] = "C",
            ["GIT_CONFIG_NOSYSTEM"] = "1",
            ["GIT_CONFIG_GLOBAL"] = "/dev/null",
            ["GIT_ATTR_NOSYSTEM"] = "1",
            ["GIT_TERMINAL_PROMPT"] = "0",
            ["GIT_OPTIONAL_LOCKS"] = "0",
            ["GIT_NO_REPLACE_OBJECTS"] = "1",
            ["GIT_SSH_COMMAND"] = "false",
        };
        foreach (var name in (string[])["SSL_CERT_FILE", "SSL_CERT_DIR"])
        {
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value)
            {
                variables[name] = value;
            }
        }

        var count = 0;
        foreach (var (key, value) in FixedConfiguration.Concat(configuration ?? []))
        {
            variables[string.Create(CultureInfo.InvariantCulture, $"GIT_CONFIG_KEY_{count}")] = key;
            variables[string.Create(CultureInfo.InvariantCulture, $"GIT_CONFIG_VALUE_{count}")] = value;
            count++;
        }

        variables["GIT_CONFIG_COUNT"] = count.ToString(CultureInfo.InvariantCulture);
        foreach (var (name, value) in environment ?? [])
        {
            variables[name] = value;
        }

        return new ProgramCall("git", arguments) { Environment = variables };
    }

    /// <summary>Runs git on a local repository and expects success.</summary>
    /// <exception cref="SourceException">Git failed; the message holds what it said.</exception>
    public async Task<string> RunAsync(ProgramCall call, CancellationToken cancellation)
    {
        var result = await TryRunAsync(call, cancellation).ConfigureAwait(false);
        return result.ExitCode == 0
            ? Encoding.UTF8.GetString(result.Output.Span)
            : throw new SourceException(SourceProblem.Failed, $"git {call.Arguments.FirstOrDefault(a => !a.StartsWith('-'))}: {result.Errors}");
    }

    /// <summary>Runs git and leaves the exit code to the caller.</summary>
    /// <exception cref="SourceException">It could not run to its end.</exception>
    public async Task<ProgramResult> TryRunAsync(ProgramCall call, CancellationToken cancellation)
    {
        try
        {
            return await runner.RunAsync(call, cancellation).ConfigureAwait(false);
        }
        catch (ProgramException failure)
        {
            throw new SourceException(failure.TimedOut ? SourceProblem.TimedOut : SourceProblem.Failed, failure.Message, failure);
        }
    }
}
