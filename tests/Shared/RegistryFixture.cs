using System.Net;
using Capstan.Access.Rights;
using Capstan.Access.Tokens;
using Capstan.Registry;
using Capstan.Registry.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Capstan.Testing;

/// <summary>Capstan's registry on a port of its own.</summary>
public sealed class RegistryFixture : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly RegistryEndpoints _endpoints;
    private readonly bool _ownFolder;

    private RegistryFixture(string folder, bool ownFolder, WebApplication app, RegistryEndpoints endpoints, ImageStore store, string token)
    {
        Folder = folder;
        _ownFolder = ownFolder;
        _app = app;
        _endpoints = endpoints;
        Store = store;
        Token = token;
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    public string Folder { get; }

    public ImageStore Store { get; }

    public string Token { get; }

    public Uri Address { get; }

    /// <summary>Host and port, as references begin.</summary>
    public string Host => Address.Authority;

    public static async Task<RegistryFixture> StartAsync(RegistryOptions? options = null, bool anonymous = false, string? folder = null, TimeProvider? time = null, TokenBook? tokens = null, params AccessBinding[] bindings)
    {
        var own = folder is null;
        folder ??= Directory.CreateTempSubdirectory("capstan-registry-").FullName;
        time ??= TimeProvider.System;
        var token = AdministratorToken.LoadOrCreate(folder);
        var store = new ImageStore(Path.Combine(folder, "registry"), options ?? new RegistryOptions(), time);
        store.Start();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var rules = new AccessRules(anonymous);
        rules.Use(bindings);
        var endpoints = new RegistryEndpoints(store, new Authenticator(token, tokens), rules, time, NullLogger<RegistryEndpoints>.Instance);
        endpoints.Map(app);
        await app.StartAsync();
        return new RegistryFixture(folder, own, app, endpoints, store, token.Value.Reveal());
    }

    /// <summary>A client that holds the administrator's token.</summary>
    public RegistryWire Connect() => new(Address, "admin", Token);

    /// <summary>A client without a credential.</summary>
    public RegistryWire ConnectAnonymously() => new(Address, null, null);

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _endpoints.Dispose();
        Store.Dispose();
        if (_ownFolder) Directory.Delete(Folder, recursive: true);
    }
}
