namespace Capstan.Workflows.Actions.BuiltIn;

/// <summary>An action that sets up what is there already.</summary>
internal sealed class NothingToDoStep : IBuiltInStep
{
    public Task<bool> RunAsync(BuiltInCall call, CancellationToken cancellation)
    {
        call.Say("Nothing to set up: images are built outside the job, by Capstan");
        return Task.FromResult(true);
    }
}
