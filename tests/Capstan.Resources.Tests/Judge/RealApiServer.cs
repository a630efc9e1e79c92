using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Capstan.Yaml;

namespace Capstan.Resources.Tests;

/// <summary>A real kube-apiserver with etcd in a temporary folder; tests skip where it was not built (eng/real-cluster/build.sh).</summary>
public sealed class RealApiServer : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("capstan-judge-").FullName;
    private readonly List<Process> _processes = [];
    private HttpClient? _client;

    public string? Missing { get; private set; }

    public async ValueTask InitializeAsync()
    {
        if (!OperatingSystem.IsLinux())
        {
            Missing = "the real kube-apiserver is built on Linux only";
            return;
        }

        var programs = await ProgramsAsync();
        if (programs is null)
        {
            Missing = "the real kube-apiserver is not built; eng/real-cluster/build.sh builds it";
            return;
        }

        var port = await StartAsync(programs);
        _client = new HttpClient(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = (_, shown, _, _) => IsItsOwn(shown) } })
        {
            BaseAddress = new Uri($"https://127.0.0.1:{port}/"),
        };
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "judge");
        await WaitUntilReadyAsync();
    }

    public void SkipUnlessHere() => Assert.SkipWhen(Missing is not null, Missing ?? "");

    public async Task<(HttpStatusCode Status, YamlMap Body)> SendAsync(HttpMethod method, string path, YamlNode? body = null, string type = "application/json")
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(JsonText.WriteBytes(body));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        }

        using var response = await _client!.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        var isJson = text is [(byte)'{', ..];
        return (response.StatusCode, isJson ? JsonText.Read(text) as YamlMap ?? YamlMap.Empty : YamlMap.Empty);
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        for (var i = _processes.Count - 1; i >= 0; i--)
        {
            _processes[i].Kill();
            await _processes[i].WaitForExitAsync();
            _processes[i].Dispose();
        }

        Directory.Delete(_folder, true);
    }

    private static async Task<string?> ProgramsAsync()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "Capstan.slnx")))
        {
            root = root.Parent;
        }

        if (root is null)
        {
            return null;
        }

        using var build = Process.Start(new ProcessStartInfo("bash", [Path.Combine(root.FullName, "eng/real-cluster/build.sh"), "--if-built"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = await build.StandardOutput.ReadToEndAsync();
        await build.WaitForExitAsync();
        return build.ExitCode == 0 ? output.Trim() : null;
    }

    private async Task<int> StartAsync(string programs)
    {
        var (clients, peers, secure) = (FreePort(), FreePort(), FreePort());
        using (var key = RSA.Create(2048))
        {
            await File.WriteAllTextAsync(At("sa.key"), key.ExportPkcs8PrivateKeyPem());
        }

        await File.WriteAllTextAsync(At("tokens"), "judge,admin,1,\"system:masters\"\n");
        Start("etcd", $"--data-dir={At("etcd")}", $"--listen-client-urls=http://127.0.0.1:{clients}", $"--advertise-client-urls=http://127.0.0.1:{clients}",
            $"--listen-peer-urls=http://127.0.0.1:{peers}", $"--initial-advertise-peer-urls=http://127.0.0.1:{peers}", $"--initial-cluster=default=http://127.0.0.1:{peers}");
        Start(Path.Combine(programs, "kube-apiserver"), $"--etcd-servers=http://127.0.0.1:{clients}", "--bind-address=127.0.0.1", $"--secure-port={secure}",
            $"--cert-dir={At("certs")}", $"--token-auth-file={At("tokens")}", "--authorization-mode=RBAC", "--service-account-issuer=https://kubernetes.default.svc",
            $"--service-account-key-file={At("sa.key")}", $"--service-account-signing-key-file={At("sa.key")}", "--service-cluster-ip-range=10.0.0.0/24",
            "--advertise-address=127.0.0.1", "--disable-admission-plugins=ServiceAccount");
        return secure;
    }

    private async Task WaitUntilReadyAsync()
    {
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < TimeSpan.FromMinutes(2))
        {
            try
            {
                if (await _client!.GetStringAsync("readyz") == "ok")
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(200);
        }

        throw new TimeoutException($"kube-apiserver did not become ready: {await File.ReadAllTextAsync(At("kube-apiserver.log"))}");
    }

    private void Start(string program, params string[] arguments)
    {
        var info = new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        var process = Process.Start(info)!;
        var log = new StringBuilder();
        var file = At(Path.GetFileName(program) + ".log");
        process.ErrorDataReceived += (_, line) => File.AppendAllText(file, line.Data + "\n", Encoding.UTF8);
        process.OutputDataReceived += (_, line) => log.Append(line.Data);
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        _processes.Add(process);
    }

    // The server signs its own certificate and writes it beside its key.
    private bool IsItsOwn(X509Certificate? shown)
    {
        var file = At("certs/apiserver.crt");
        return shown is not null && File.Exists(file)
            && X509CertificateLoader.LoadCertificateFromFile(file).RawData.AsSpan().SequenceEqual(shown.GetRawCertData());
    }

    private string At(string name) => Path.Combine(_folder, name);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
