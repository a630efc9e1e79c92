using System.Net;
using System.Security.Cryptography.X509Certificates;
using Capstan.LocalCluster.ApiServer.Access;
using Capstan.LocalCluster.ApiServer.AdmissionPolicies;
using Capstan.LocalCluster.ApiServer.Catalog;
using Capstan.LocalCluster.ApiServer.CustomResources;
using Capstan.LocalCluster.ApiServer.Http;
using Capstan.LocalCluster.ApiServer.InProcess;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.LocalCluster.ApiServer.OpenApi;
using Capstan.LocalCluster.ApiServer.Operations;
using Capstan.LocalCluster.ApiServer.Printing;
using Capstan.LocalCluster.ApiServer.Webhooks;
using Capstan.LocalCluster.Controllers.Running;
using Capstan.LocalCluster.Identity;
using Capstan.LocalCluster.Node;
using Capstan.LocalCluster.Node.Streaming;
using Capstan.LocalCluster.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Capstan.LocalCluster;

/// <summary>The embedded Kubernetes: an API server over a database in the data folder. Disposing it stops it; nothing acknowledged is lost, however it ends.</summary>
public sealed class LocalClusterServer : IAsyncDisposable
{
    private readonly ObjectStore _store;
    private readonly ClusterIdentity _identity;
    private readonly WebApplication _web;
    private readonly ControllerHost _controllers;
    private readonly ContainerNode? _node;
    private readonly CancellationTokenSource _stopping;
    private readonly IReadOnlyList<IDisposable> _others;
    private readonly ApiServerApplication _application;

    private LocalClusterServer(
        ObjectStore store, ClusterIdentity identity, WebApplication web, ApiServerApplication application, ControllerHost controllers, ContainerNode? node,
        IReadOnlyList<IDisposable> others, CancellationTokenSource stopping, ClusterClient client, string kubeconfig)
    {
        (_others, _application) = (others, application);
        (_store, _identity, _web, _controllers, _node) = (store, identity, web, controllers, node);
        (_stopping, Client, KubeconfigPath) = (stopping, client, kubeconfig);
        var bound = web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Address = new Uri(bound);
    }

    /// <summary>The address of the API, with the port that was taken.</summary>
    public Uri Address { get; }

    /// <summary>Where Ingress objects are served; null where pods are simulated or the address was taken.</summary>
    public Uri? IngressAddress => _node?.IngressAddress;

    /// <summary>The kubeconfig of the administrator (mode 0600).</summary>
    public string KubeconfigPath { get; }

    /// <summary>The authority that signed the server's certificate.</summary>
    public X509Certificate2 CaCertificate => _identity.Authority;

    /// <summary>The cluster from within the process: what controllers and the node use.</summary>
    public ClusterClient Client { get; }

    /// <summary>
    /// A way to send requests from within the process without a connection. They are authenticated, authorized and audited like all others;
    /// pods' streams (exec, attach) are not served so.
    /// </summary>
    public HttpMessageHandler CreateHandler() => new InProcessHandler(_application.HandleAsync);

    /// <summary>Starts the cluster; ends when it answers.</summary>
    /// <param name="options">Where its data lies and where it listens.</param>
    /// <param name="time">The clock of timestamps and time-outs.</param>
    /// <param name="loggers">Where it logs.</param>
    /// <param name="cancellation">Ends the start.</param>
    /// <exception cref="IOException">The data folder is in use, damaged or of a newer version; or the address is taken. The message says which.</exception>
    public static async Task<LocalClusterServer> StartAsync(
        LocalClusterOptions options, TimeProvider time, ILoggerFactory loggers, CancellationToken cancellation)
    {
        SecretFiles.MakeFolder(options.DataFolder);
        var store = ObjectStore.Open(Path.Combine(options.DataFolder, "cluster.db"), options.MaxDatabaseBytes);
        var stopping = new CancellationTokenSource();
        ClusterIdentity? identity = null;
        AccountTokens? tokens = null;
        WebhookClient? webhooks = null;
        WebApplication? web = null;
        ControllerHost? controllers = null;
        ContainerNode? node = null;
        try
        {
            identity = ClusterIdentity.LoadOrCreate(Path.Combine(options.DataFolder, "pki"), [options.Listen.Address, options.Services.Api], time.GetUtcNow());
            var catalog = Catalog(store);
            webhooks = new WebhookClient(store, time);
            var authorizer = new Authorizer(new RoleBindings(store));
            var admission = new ObjectAdmission(store, catalog, new ServiceAddresses(store, options.Services), authorizer,
                new AdmissionWebhooks(store, webhooks, authorizer), new AdmissionPolicyChecks(store, catalog, authorizer));
            var reader = new ObjectReader(store, time);
            var writer = new ObjectWriter(store, admission, time);
            var deleter = new ObjectDeleter(store, admission, time);
            var client = new ClusterClient(store, catalog, reader, writer, deleter);
            tokens = AccountTokens.LoadOrCreate(Path.Combine(options.DataFolder, "pki", "sa.key"));
            var authority = identity.Authority.ExportCertificatePem() + "\n";
            controllers = new ControllerHost(store, client, ControllerHost.All(tokens, authority, simulated: options.Containers is null), time, loggers.CreateLogger("Capstan.LocalCluster.Controllers"));
            await FirstObjects.EnsureAsync(client, options.CreateNamespaces, options.Services, cancellation).ConfigureAwait(false);

            var accounts = new AccountAuthenticator(tokens, store, time);
            var authenticator = new Authenticator(identity, StaticTokens.Read(Path.Combine(options.DataFolder, "pki", "tokens.csv")), accounts, time);
            var reviews = new Reviews(authorizer, authenticator, accounts);
            var issuer = new TokenRequests(tokens, store, time);
            var answers = new Answers(new TableWriter(time));
            node = options.Containers is { } containers ? await ContainerNodeSetup.MakeAsync(containers, options.Services, options.DataFolder, client.As("kubelet"), tokens, time, loggers, cancellation).ConfigureAwait(false) : null;
            var guard = new RequestGuard(authenticator, authorizer);
            var pods = new PodEndpoint(reader, writer, new PodEvictions(store, catalog, deleter), new SessionGuard(guard, reader, time), node is null ? null : new PodStreamEndpoint(new PodStreams(node.Parts)));
            var endpoint = new ResourceEndpoint(catalog, reader, writer, deleter, pods, new WatchStream(store, reader, answers, time), answers, reviews, issuer);
            var application = new ApiServerApplication(guard, tokens, endpoint, new DiscoveryDocuments(catalog), new OpenApiDocuments(catalog),
                new RequestAudit(options.Audit, time), loggers.CreateLogger("Capstan.LocalCluster.ApiServer"), stopping.Token);
            web = Build(options.Listen, identity, loggers, application);
            await web.StartAsync(cancellation).ConfigureAwait(false);
            await controllers.StartAsync(simulated: options.Containers is null, cancellation).ConfigureAwait(false);
            if (node is not null)
            {
                var bound = new Uri(web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
                await node.StartAsync(new IPEndPoint(IPAddress.Parse(Reachable(bound).Host.Trim('[', ']')), bound.Port), cancellation).ConfigureAwait(false);
            }

            var server = new LocalClusterServer(store, identity, web, application, controllers, node, [tokens, webhooks], stopping, client, Path.Combine(options.DataFolder, "kubeconfig"));
            KubeconfigFile.Write(server.KubeconfigPath, Reachable(server.Address), identity);
            return server;
        }
        catch
        {
            if (node is not null)
            {
                await node.DisposeAsync().ConfigureAwait(false);
            }

            if (web is not null)
            {
                await web.DisposeAsync().ConfigureAwait(false);
            }

            if (controllers is not null)
            {
                await controllers.DisposeAsync().ConfigureAwait(false);
            }

            identity?.Dispose();
            tokens?.Dispose();
            webhooks?.Dispose();
            stopping.Dispose();
            await store.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Writes all objects into a new file, as they are at one moment: a data folder's <c>cluster.db</c>.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public Task CopyObjectsAsync(string file, CancellationToken cancellation) => _store.CopyIntoAsync(file, cancellation);

    /// <summary>Holds everything in less room, at the price of some work now and a little at each reading. Call it when little happens.</summary>
    public void Shrink() => _store.Shrink();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Watches end first; the server would wait for them otherwise.
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _web.StopAsync().ConfigureAwait(false);
        await _web.DisposeAsync().ConfigureAwait(false);
        if (_node is not null)
        {
            await _node.DisposeAsync().ConfigureAwait(false);
        }

        await _controllers.DisposeAsync().ConfigureAwait(false);
        await _store.DisposeAsync().ConfigureAwait(false);
        _identity.Dispose();
        foreach (var other in _others)
        {
            other.Dispose();
        }

        _stopping.Dispose();
    }

    private static ResourceCatalog Catalog(ObjectStore store)
    {
        var catalog = new ResourceCatalog();
        foreach (var definition in store.Snapshot(Definitions.ResourceName).Table.In(null))
        {
            Definitions.Serve(definition.Tree, catalog);
        }

        return catalog;
    }

    // A wildcard address is no place to connect to.
    private static Uri Reachable(Uri address) => address.Host is "0.0.0.0" or "[::]" ? new UriBuilder(address) { Host = "127.0.0.1" }.Uri : address;

    private static WebApplication Build(IPEndPoint listen, ClusterIdentity identity, ILoggerFactory loggers, ApiServerApplication application)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggers);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.Http2.MaxStreamsPerConnection = 1_000;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(listen, at =>
            {
                at.Protocols = HttpProtocols.Http1AndHttp2;
                at.UseHttps(new HttpsConnectionAdapterOptions
                {
                    ServerCertificate = identity.Serving,
                    ClientCertificateMode = ClientCertificateMode.AllowCertificate,

                    // Any certificate may be shown; one that the cluster's authority signed means something.
                    ClientCertificateValidation = (_, _, _) => true,
                });
            });
        });
        var web = builder.Build();
        web.UseWebSockets();
        web.Run(application.HandleAsync);
        return web;
    }
}
