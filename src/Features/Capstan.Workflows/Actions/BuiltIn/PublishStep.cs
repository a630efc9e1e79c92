using Capstan.Workflows.Images;

namespace Capstan.Workflows.Actions.BuiltIn;

/// <summary><c>capstan/publish</c>: an image of a registry gets further tags there.</summary>
internal sealed class PublishStep : IBuiltInStep
{
    public async Task<bool> RunAsync(BuiltInCall call, CancellationToken cancellation)
    {
        var session = call.Session;
        if (session.Plan.Run.Event.IsUntrusted) return call.Fail("this run is of somebody whom nobody here trusts; it may not publish");
        var image = ImageNames.Own(session.Services.Images.Registry, call.Input("image"));
        IReadOnlyList<string> tags = [.. call.Lines("tags").SelectMany(l => l.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];
        var digest = await session.Services.Images.TagAsync(image, tags, ImageNames.OriginOf(session), session.Logins, cancellation).ConfigureAwait(false);
        call.Say($"{image}: {digest} is {string.Join(", ", tags)} too");
        call.Output("digest", digest);
        return true;
    }
}
