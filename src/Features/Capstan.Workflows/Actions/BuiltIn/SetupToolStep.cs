namespace Capstan.Workflows.Actions.BuiltIn;

/// <summary><c>actions/setup-*</c>: the tool is the one that the runner's image has, from its distribution's packages; the log says which.</summary>
/// <param name="tool">The tool's name.</param>
/// <param name="ask">The command that tells its version.</param>
/// <param name="input">The input that names the wanted version.</param>
/// <param name="packages">The distribution's packages that bring it; empty when there are none.</param>
/// <param name="output">The output that gets the version; that of the input's name when null.</param>
internal sealed class SetupToolStep(string tool, IReadOnlyList<string> ask, string input, string packages, string? output = null) : IBuiltInStep
{
    public async Task<bool> RunAsync(BuiltInCall call, CancellationToken cancellation)
    {
        var session = call.Session;
        var said = new StringWriter();
        var cutter = new Logs.LineCutter(said.WriteLine);
        var exit = await session.Machine.RunAsync(
            new(["sh", "-c", "exec \"$@\" 2>&1", "sh", .. ask], session.VariablesOf(call.Call.Scope, call.Call.Environment), session.Machine.Inner(session.Folder.Workspace)), bytes => cutter.Write(bytes.Span), cancellation).ConfigureAwait(false);
        cutter.End();
        if (exit != 0) return call.Fail($"{tool} is not in the runner's image{(packages.Length == 0 ? "" : $"; add the packages {packages} to it")}, or name a job container that has it");
        var version = Version(said.ToString());
        var wanted = call.Input(input);
        call.Say($"{tool} {version}, as the runner's image has it");
        if (wanted.Length > 0 && !Fits(version, wanted)) call.Say($"##[warning]{tool} {wanted} was asked for, and {version} is what is here; a job container brings another one");
        call.Output(output ?? input, version);
        return true;
    }

    private static string Version(string text)
    {
        var start = text.IndexOfAny(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
        if (start < 0) return "";
        var end = start;
        while (end < text.Length && (char.IsAsciiDigit(text[end]) || text[end] == '.')) end++;
        return text[start..end].TrimEnd('.');
    }

    // 20, 20.x and ^20.1 are all about 20: only what they name first is compared.
    private static bool Fits(string version, string wanted) => version.Split('.')[0] == Version(wanted).Split('.')[0] || Version(wanted).Length == 0;
}
