using Capstan.EndToEnd.Fixtures;

namespace Capstan.EndToEnd;

/// <summary>One server for the tests that leave it as they found it.</summary>
public sealed class SharedServer : IAsyncLifetime
{
    public LiveServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await LiveServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (Server is not null) await Server.DisposeAsync();
    }
}
