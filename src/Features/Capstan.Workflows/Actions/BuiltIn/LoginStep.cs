namespace Capstan.Workflows.Actions.BuiltIn;

/// <summary><c>docker/login-action</c>: remembered for the builds of this job, which Capstan does outside of it; the registry is asked when something is pushed.</summary>
internal sealed class LoginStep : IBuiltInStep
{
    private const string DockerHub = "docker.io";

    public Task<bool> RunAsync(BuiltInCall call, CancellationToken cancellation)
    {
        var registry = call.Input("registry") is { Length: > 0 } given ? given.Replace("https://", "", StringComparison.Ordinal).Replace("http://", "", StringComparison.Ordinal).TrimEnd('/') : DockerHub;
        if (call.Input("registry-auth").Length > 0) return Task.FromResult(call.Fail("docker/login-action: registry-auth is not supported; use a step for each registry"));
        if (call.Input("username").Length == 0 || call.Input("password").Length == 0) return Task.FromResult(call.Fail($"docker/login-action: {registry}: needs username and password"));
        if (registry == call.Session.Services.Images.Registry) call.Say($"{registry} is this installation's own registry: the run's own rights are used there");
        call.Session.Logins.Set(registry, call.Input("username"), call.Input("password"));
        call.Say("Login Succeeded");
        return Task.FromResult(true);
    }
}
