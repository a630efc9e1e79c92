using System.CommandLine;
using Capstan.Cli.Connection;
using Capstan.Cli.Hosting;

namespace Capstan.Cli.Commands;

/// <summary><c>capstan up</c></summary>
internal static class UpCommand
{
    public static Command Create(CliContext context)
    {
        var options = new UpOptions();
        var command = new Command("up", """
            Start the server: Git host, engine, API, and the embedded cluster unless another is named.

            Examples:
              capstan up
              capstan up --create-on-push
              capstan up --kubeconfig ~/.kube/config
            """);
        options.AddTo(command);
        command.SetAction(async (line, cancellation) =>
        {
            var settings = options.Read(line, DataFolder.Find(line.GetValue(Connecting.Data), context));
            var server = await context.Host.StartAsync(settings, context.Say, cancellation).ConfigureAwait(false);
            await using (server.ConfigureAwait(false))
            {
                context.Say($"serving on {server.Url}");
                context.Say($"kubeconfig: {server.Kubeconfig}");
                if (server.TokenIsNew) context.Say($"the administrator's token, shown this once (it is also in {Path.Combine(settings.Data, "token")}): {server.Token}");
                context.Say($"pages: {server.SignInLink()} signs your browser in once, within 15 minutes; `capstan login --link` prints another");
                return await UntilStoppedAsync(server, context, cancellation).ConfigureAwait(false);
            }
        });
        return command;
    }

    /// <summary>Stays until the user or the server ends it.</summary>
    public static async Task<int> UntilStoppedAsync(IRunningServer server, CliContext context, CancellationToken cancellation)
    {
        try
        {
            await server.Stopped.WaitAsync(cancellation).ConfigureAwait(false);
            return ExitCodes.Fine;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            context.Say("stopping");
            return ExitCodes.Fine;
        }
    }
}

/// <summary>The options of <c>up</c>.</summary>
internal sealed class UpOptions
{
    public readonly Option<string?> Listen = new("--listen") { Description = "Where to listen (default 127.0.0.1:7070)", HelpName = "HOST:PORT" };
    public readonly Option<string?> ClusterListen = new("--cluster-listen") { Description = "Where the embedded cluster's API listens (default 127.0.0.1:7443)", HelpName = "HOST:PORT" };
    private readonly Option<string?> _kubeconfig = new("--kubeconfig") { Description = "Steer this cluster instead of the embedded one", HelpName = "FILE" };
    private readonly Option<bool> _inCluster = new("--in-cluster") { Description = "Steer the cluster that this runs in" };
    private readonly Option<string?> _namespaces = new("--app-namespaces") { Description = "Where Applications are taken from (default capstan,argocd)", HelpName = "NS,…" };
    private readonly Option<bool> _createOnPush = new("--create-on-push") { Description = "A push to a repository that is not there makes it" };
    private readonly Option<string[]> _runnerImages = new("--runner-image") { Description = "The image in which jobs with this label in runs-on run; * for all others. May be given several times", HelpName = "LABEL=IMAGE" };
    private readonly Option<string?> _hostJobs = new("--allow-host-jobs") { Description = "Repositories whose jobs may run as processes of this machine, with all rights of the server; * for all", HelpName = "REPOSITORY,…" };
    private readonly Option<bool> _anonymous = new("--allow-anonymous") { Description = "Reading needs no token" };
    private readonly Option<bool> _privileged = new("--allow-privileged-pods") { Description = "Pods of the embedded cluster may own this machine" };
    private readonly Option<Uri?> _external = new("--external-url")
    {
        Description = "The address that users see",
        HelpName = "URL",
        CustomParser = result =>
        {
            if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var url) && url.Scheme is "http" or "https") return url;
            result.AddError($"--external-url {result.Tokens[0].Value}: is no http or https address");
            return null;
        },
    };
    private readonly Option<string?> _certificate = new("--tls-cert") { Description = "The certificate chain, PEM", HelpName = "FILE" };
    private readonly Option<string?> _key = new("--tls-key") { Description = "The certificate's key, PEM", HelpName = "FILE" };
    private readonly Option<Uri?> _issuer = new("--oidc-issuer")
    {
        Description = "The OpenID provider that signs people in, as its tokens name it",
        HelpName = "URL",
        CustomParser = result =>
        {
            if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var url) && url.Scheme is "http" or "https") return url;
            result.AddError($"--oidc-issuer {result.Tokens[0].Value}: is no http or https address");
            return null;
        },
    };
    private readonly Option<string?> _client = new("--oidc-client-id") { Description = "What this server is called there", HelpName = "ID" };
    private readonly Option<string?> _clientSecret = new("--oidc-client-secret-file") { Description = "A file with the client's secret there; a public client has none", HelpName = "FILE" };
    private readonly Option<string?> _userClaim = new("--oidc-user-claim") { Description = "The claim that names a person (default email)", HelpName = "CLAIM" };
    private readonly Option<string?> _groupsClaim = new("--oidc-groups-claim") { Description = "The claim that lists groups (default groups)", HelpName = "CLAIM" };
    private readonly Option<string?> _proxies = new("--trusted-proxies") { Description = "Networks of proxies to believe", HelpName = "CIDR,…" };

    public void AddTo(Command command)
    {
        Option[] all = [Listen, ClusterListen, _kubeconfig, _inCluster, _namespaces, _createOnPush, _hostJobs, _runnerImages, _anonymous, _privileged, _external, _certificate, _key, _proxies, _issuer, _client, _clientSecret, _userClaim, _groupsClaim];
        foreach (var option in all) command.Options.Add(option);
        command.AddRule(line =>
        {
            if (line.GetValue(_kubeconfig) is not null && line.GetValue(_inCluster)) line.AddError("--kubeconfig and --in-cluster exclude each other");
            if (line.GetValue(_certificate) is null != line.GetValue(_key) is null) line.AddError("--tls-cert and --tls-key belong together");
            if (line.GetValue(_issuer) is null != line.GetValue(_client) is null) line.AddError("--oidc-issuer and --oidc-client-id belong together");
        });
    }

    public UpSettings Read(ParseResult line, string data)
    {
        var standard = new UpSettings { Data = data };
        return standard with
        {
            Listen = line.GetValue(Listen) ?? standard.Listen,
            ClusterListen = line.GetValue(ClusterListen) ?? standard.ClusterListen,
            Kubeconfig = line.GetValue(_kubeconfig),
            InCluster = line.GetValue(_inCluster),
            AppNamespaces = Split(line.GetValue(_namespaces)) ?? standard.AppNamespaces,
            CreateOnPush = line.GetValue(_createOnPush),
            RunnerImages = Images(line.GetValue(_runnerImages) ?? []),
            AllowHostJobs = Split(line.GetValue(_hostJobs)) ?? [],
            AllowAnonymous = line.GetValue(_anonymous),
            AllowPrivilegedPods = line.GetValue(_privileged),
            ExternalUrl = line.GetValue(_external),
            TlsCertificate = line.GetValue(_certificate),
            TlsKey = line.GetValue(_key),
            OpenIdIssuer = line.GetValue(_issuer),
            OpenIdClient = line.GetValue(_client),
            OpenIdSecretFile = line.GetValue(_clientSecret),
            OpenIdUserClaim = line.GetValue(_userClaim) ?? standard.OpenIdUserClaim,
            OpenIdGroupsClaim = line.GetValue(_groupsClaim) ?? standard.OpenIdGroupsClaim,
            TrustedProxies = Split(line.GetValue(_proxies)) ?? [],
        };
    }

    private static Dictionary<string, string> Images(string[] pairs) => pairs.Select(p => p.Split('=', 2)).ToDictionary(
        p => p[0], p => p.Length == 2 && p[1].Length > 0 ? p[1] : throw new CommandException(ExitCodes.Usage, $"--runner-image {p[0]}: is no LABEL=IMAGE"), StringComparer.Ordinal);

    private static string[]? Split(string? list) => list?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
