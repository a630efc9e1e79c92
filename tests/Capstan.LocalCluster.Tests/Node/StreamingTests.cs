using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Capstan.LocalCluster.Node.Streaming.Spdy;

namespace Capstan.LocalCluster.Tests.Node;

/// <summary>Ports forwarded and commands run over both of the protocols that kubectl speaks.</summary>
public sealed partial class StreamingTests(PodWorld world) : IClassFixture<PodWorld>
{
    private const string Image = Testing.BusyboxImage.Name;

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task A_port_is_forwarded_to_a_program_that_listens_on_loopback_only(string webSockets)
    {
        await StartAsync("forwarded");
        await using var forward = await Forwarding.StartAsync(world, webSockets, "pod/forwarded", ":8080");
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, PooledConnectionLifetime = TimeSpan.Zero });
        var texts = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => http.GetStringAsync($"http://127.0.0.1:{forward.Port}/hello?{i}", TestContext.Current.CancellationToken)));
        Assert.All(texts, text => Assert.Equal("hello from within\n", text));
        var big = await http.GetByteArrayAsync($"http://127.0.0.1:{forward.Port}/big", TestContext.Current.CancellationToken);
        Assert.Equal(8 * 1024 * 1024, big.Length);
    }

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task A_port_where_nothing_listens_is_named(string webSockets)
    {
        await StartAsync("forwarded");
        await using var forward = await Forwarding.StartAsync(world, webSockets, "pod/forwarded", ":81");
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => http.GetStringAsync($"http://127.0.0.1:{forward.Port}/", TestContext.Current.CancellationToken));
        Assert.Contains("error forwarding port 81 to pod forwarded", await forward.ErrorAsync("refused"));
    }

    [Fact]
    public async Task A_command_runs_over_SPDY_with_its_input_output_and_exit_code()
    {
        await StartAsync("forwarded");
        var spdy = new Dictionary<string, string> { ["KUBECTL_REMOTE_COMMAND_WEBSOCKETS"] = "false" };
        var (_, output, error) = await RunAsync(spdy, "typed", "exec", "-i", "forwarded", "--", "sh", "-c", "cat; echo wrong >&2");
        Assert.Equal(("typed", "wrong\n"), (output, error));
        var (code, _, said) = await RunAsync(spdy, "", "exec", "forwarded", "--", "sh", "-c", "exit 7");
        Assert.Equal(7, code);
        Assert.Contains("exit code 7", said);
    }

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task A_session_ends_when_its_caller_may_not_have_it_any_more(string webSockets)
    {
        await StartAsync("forwarded");
        var name = $"guest-{webSockets}";
        await world.KubectlAsync($$$"""
            apiVersion: v1
            kind: ServiceAccount
            metadata: {name: {{{name}}} }
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata: {name: {{{name}}} }
            rules: [{apiGroups: [""], resources: [pods, pods/exec], verbs: [get, create]}]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: {name: {{{name}}} }
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: {{{name}}} }
            subjects: [{kind: ServiceAccount, name: {{{name}}}, namespace: default}]
            """, "apply", "-f", "-");
        var variables = new Dictionary<string, string> { ["KUBECTL_REMOTE_COMMAND_WEBSOCKETS"] = webSockets };
        var session = RunAsync(variables, "", "--as", $"system:serviceaccount:default:{name}", "exec", "forwarded", "--", "sh", "-c", $"touch /www/{name}; sleep 50; echo all of it");
        await world.UntilAsync(text => text.Length > 0, "exec", "forwarded", "--", "ls", $"/www/{name}");
        await world.KubectlAsync("", "delete", "rolebinding", name);
        var (code, output, error) = await session;
        Assert.NotEqual(0, code);
        Assert.Contains("the session was ended", error);
        Assert.DoesNotContain("all of it", output);
    }

    // As zlib with the dictionary writes {"streamtype": "data", "port": "80"} and then {"streamtype": "error"}, each flushed.
    [Fact]
    public void Headers_are_read_whether_they_use_the_dictionary_or_not()
    {
        using var reader = new SpdyHeaderReader();
        var writer = new SpdyHeaderWriter();
        Assert.Equal("data", reader.Read(writer.Write(new Dictionary<string, string> { ["streamType"] = "data", ["port"] = "80" }))["streamtype"]);
        Assert.Equal("error", reader.Read(writer.Write(new Dictionary<string, string> { ["streamType"] = "error" }))["streamtype"]);

        using var known = new SpdyHeaderReader();
        Assert.Equal("data", known.Read(Convert.FromHexString(WithDictionary[0]))["streamtype"]);
        Assert.Equal("error", known.Read(Convert.FromHexString(WithDictionary[1]))["streamtype"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("78")]
    [InlineData("7801")]
    [InlineData("78bbe3c6")]
    [InlineData("7801000400fbff7fffffff")]
    [InlineData("ffffffffffffff")]
    public void Headers_that_are_none_are_refused(string block)
    {
        using var reader = new SpdyHeaderReader();
        Assert.ThrowsAny<IOException>(() => Wrapped(() => reader.Read(Convert.FromHexString(block))));

        // Cut off and malformed are both the caller's fault.
        static void Wrapped(Action read)
        {
            try
            {
                read();
            }
            catch (InvalidDataException malformed)
            {
                throw new IOException(malformed.Message, malformed);
            }
        }
    }

    private static readonly string[] WithDictionary = ["78f9e3c6a7c202e50e703a2b294a4dcc452a4a1221a57211280533591800000000ffff", "02928c18ea5853411102000000ffff"];

    private async Task StartAsync(string name)
    {
        await world.KubectlAsync($$$"""
            apiVersion: v1
            kind: Pod
            metadata: {name: {{{name}}} }
            spec:
              containers:
              - name: c
                image: {{{Image}}}
                command: [sh, -c, "mkdir /www; echo hello from within > /www/hello; dd if=/dev/zero of=/www/big bs=1M count=8; exec httpd -f -p 127.0.0.1:8080 -h /www"]
            """, "apply", "-f", "-");
        await world.UntilAsync(text => text.Contains("hello", StringComparison.Ordinal), "exec", name, "--", "wget", "-q", "-O-", "http://127.0.0.1:8080/hello");
    }

    private Task<(int Code, string Output, string Error)> RunAsync(IReadOnlyDictionary<string, string> variables, string input, params string[] arguments) =>
        Kubectl.RunAsync(Kubectl.Programs().First(), world.Server.KubeconfigPath, input, arguments, variables);

    private sealed partial class Forwarding : IAsyncDisposable
    {
        private readonly Process _process;
        private readonly List<string> _errors = [];

        private Forwarding(Process process, int port) => (_process, Port) = (process, port);

        public int Port { get; }

        public static async Task<Forwarding> StartAsync(PodWorld world, string webSockets, params string[] arguments)
        {
            var start = new ProcessStartInfo(Kubectl.Programs().First(), ["--kubeconfig", world.Server.KubeconfigPath, "port-forward", "--address=127.0.0.1", .. arguments])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            start.Environment["KUBECTL_PORT_FORWARD_WEBSOCKETS"] = webSockets;
            var process = Process.Start(start)!;
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            limit.CancelAfter(TimeSpan.FromSeconds(60));
            var line = await process.StandardOutput.ReadLineAsync(limit.Token);
            var port = line is not null && Listening().Match(line) is { Success: true } found ? int.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture) : 0;
            var forwarding = new Forwarding(process, port);
            process.ErrorDataReceived += (_, said) => { lock (forwarding._errors) forwarding._errors.Add(said.Data ?? ""); };
            process.BeginErrorReadLine();
            if (port == 0) Assert.Fail($"kubectl port-forward said: {line}{await forwarding.ErrorAsync("")}");
            return forwarding;
        }

        public async Task<string> ErrorAsync(string text)
        {
            for (var deadline = DateTime.UtcNow.AddSeconds(30); ;)
            {
                lock (_errors)
                {
                    var all = string.Join('\n', _errors);
                    if (all.Length > 0 && all.Contains(text, StringComparison.OrdinalIgnoreCase)) return all;
                    if (DateTime.UtcNow > deadline) return all;
                }

                await Task.Delay(50, TestContext.Current.CancellationToken);
            }
        }

        public async ValueTask DisposeAsync()
        {
            if (!_process.HasExited) _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
            _process.Dispose();
        }

        [GeneratedRegex(@"Forwarding from 127\.0\.0\.1:(\d+)")]
        private static partial Regex Listening();
    }
}
