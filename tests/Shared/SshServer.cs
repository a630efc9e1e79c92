using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Capstan.Testing;

/// <summary>A real sshd on a port of its own, which serves the git repositories of this machine to one key.</summary>
internal sealed class SshServer : IAsyncDisposable
{
    private const string Program = "/usr/sbin/sshd";
    private readonly Process _process;
    private bool _stopped;

    private SshServer(Process process, int port, string folder)
    {
        _process = process;
        Port = port;
        Folder = folder;
    }

    public int Port { get; }

    public string Folder { get; }

    /// <summary>The key that may enter.</summary>
    public string ClientKey => File.ReadAllText(Path.Combine(Folder, "client"));

    /// <summary>A key that may not.</summary>
    public string OtherKey => File.ReadAllText(Path.Combine(Folder, "other"));

    /// <summary>The line of a known_hosts file that names this server.</summary>
    public string KnownHosts => Line("host.pub");

    /// <summary>The line with the key of another server.</summary>
    public string WrongKnownHosts => Line("other.pub");

    /// <summary>The address of a bare repository.</summary>
    public string Url(string path) => $"ssh://{Environment.UserName}@127.0.0.1:{Port}{path}";

    /// <summary>Starts one; skips the test where there is no sshd.</summary>
    public static async Task<SshServer> StartAsync(string folder, int port = 0)
    {
        Assert.SkipUnless(File.Exists(Program), "no sshd here: apt-get install openssh-server");
        Directory.CreateDirectory(folder);
        foreach (var key in ((string[])["host", "client", "other"]).Where(key => !File.Exists(Path.Combine(folder, key))))
        {
            using var made = Start("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", key, "-f", Path.Combine(folder, key));
            await made.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, made.ExitCode);
        }

        File.Copy(Path.Combine(folder, "client.pub"), Path.Combine(folder, "authorized_keys"), overwrite: true);
        port = port == 0 ? FreePort() : port;
        await File.WriteAllTextAsync(Path.Combine(folder, "sshd_config"), $"""
            Port {port}
            ListenAddress 127.0.0.1
            HostKey {folder}/host
            AuthorizedKeysFile {folder}/authorized_keys
            PidFile {folder}/pid
            StrictModes no
            UsePAM no
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            PermitRootLogin prohibit-password
            AllowTcpForwarding no

            """, TestContext.Current.CancellationToken);

        // Debian's sshd wants this folder even where it separates nothing.
        Directory.CreateDirectory("/run/sshd");
        var server = new SshServer(Start(Program, "-D", "-E", Path.Combine(folder, "log"), "-f", Path.Combine(folder, "sshd_config")), port, folder);
        await server.ReadyAsync();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        if (_stopped)
        {
            return;
        }

        _stopped = true;
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }

    private async Task ReadyAsync()
    {
        for (var attempt = 0; ; attempt++)
        {
            Assert.False(_process.HasExited, "sshd ended at once");
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, Port, TestContext.Current.CancellationToken);
                return;
            }
            catch (SocketException) when (attempt < 200)
            {
                await Task.Delay(50, TestContext.Current.CancellationToken);
            }
        }
    }

    private string Line(string publicKey) => $"[127.0.0.1]:{Port} {File.ReadAllText(Path.Combine(Folder, publicKey)).Trim()}\n";

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static Process Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program);
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
    }
}
