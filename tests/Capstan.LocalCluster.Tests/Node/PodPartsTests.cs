using System.Net;
using Capstan.LocalCluster.Node;
using Capstan.LocalCluster.Node.Network;
using Capstan.LocalCluster.Node.Pods;
using Capstan.LocalCluster.Node.Volumes;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Tests.Node;

/// <summary>The parts of the node that are functions.</summary>
public class PodPartsTests
{
    private static readonly Dictionary<string, string> Known = new() { ["A"] = "one", ["B"] = "$(A)" };

    // The cases of Kubernetes' documentation of the field `command`.
    [Theory]
    [InlineData("$(A)", "one")]
    [InlineData("x$(A)y$(A)", "xoneyone")]
    [InlineData("$(B)", "$(A)")]
    [InlineData("$$(A)", "$(A)")]
    [InlineData("$$$(A)", "$one")]
    [InlineData("$(C)", "$(C)")]
    [InlineData("$A $ $", "$A $ $")]
    [InlineData("$(A", "$(A")]
    [InlineData("", "")]
    public void Variables_are_put_in_as_Kubernetes_does(string text, string expected) => Assert.Equal(expected, Expansion.Expand(text, Known));

    [Theory]
    [InlineData("amd64", 129)]
    [InlineData("arm64", 152)]
    public void The_sandbox_is_an_executable_of_some_hundred_bytes(string architecture, int bytes)
    {
        var program = SandboxImage.Executable(architecture);
        Assert.Equal(bytes, program.Length);
        Assert.Equal([0x7f, (byte)'E', (byte)'L', (byte)'F'], program[..4]);
    }

    [Theory]
    [InlineData("/var/lib", "/pod/var/lib")]
    [InlineData("a/./b", "/pod/a/b")]
    [InlineData("../etc", null)]
    [InlineData("/a/../../etc", null)]
    public void Paths_stay_beneath_their_folder(string path, string? expected) => Assert.Equal(expected, ConfinedFolder.Beneath("/pod", path));

    [Fact]
    public void Links_do_not_lead_out_of_a_folder()
    {
        var folder = Directory.CreateTempSubdirectory("capstan-confined-").FullName;
        File.CreateSymbolicLink(Path.Combine(folder, "out"), "/etc");
        Assert.Null(ConfinedFolder.Beneath(folder, "out/passwd"));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Files_of_a_volume_are_replaced_all_at_once_and_only_when_they_changed()
    {
        var folder = Directory.CreateTempSubdirectory("capstan-atomic-").FullName;
        var now = DateTimeOffset.UnixEpoch.AddYears(56);
        Assert.True(AtomicFolder.Write(folder, Files(("a", "1"), ("sub/b", "2")), now));
        Assert.False(AtomicFolder.Write(folder, Files(("a", "1"), ("sub/b", "2")), now));
        Assert.Equal("2", File.ReadAllText(Path.Combine(folder, "sub/b")));
        Assert.True(AtomicFolder.Write(folder, Files(("a", "3")), now));
        Assert.Equal("3", File.ReadAllText(Path.Combine(folder, "a")));
        Assert.False(File.Exists(Path.Combine(folder, "sub/b")));
        Assert.Equal(["..data", "a"], Directory.EnumerateFileSystemEntries(folder).Select(e => Path.GetFileName(e)!).Where(n => !n.StartsWith("..2", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Back_off_doubles_up_to_five_minutes_and_is_forgotten_after_ten_of_health()
    {
        var memory = new ContainerMemory();
        var now = DateTimeOffset.UnixEpoch;
        var delays = new List<double>();
        for (var i = 0; i < 8; i++)
        {
            delays.Add(memory.Fail(now, firstIsFree: true).TotalSeconds);
            now = memory.NotBefore;
        }

        Assert.Equal([0, 10, 20, 40, 80, 160, 300, 300], delays);
        Assert.Equal(0, memory.Fail(now.AddMinutes(11), firstIsFree: true).TotalSeconds);
    }

    [Fact]
    public void The_resolver_of_a_pod_follows_its_policy()
    {
        const string cluster = "nameserver 10.96.0.10\nsearch shop.svc.cluster.local svc.cluster.local cluster.local\noptions ndots:5\n";
        Assert.Equal(cluster, PodFiles.Resolver(Pod("{dnsPolicy: ClusterFirst}"), "10.96.0.10"));
        Assert.Null(PodFiles.Resolver(Pod("{dnsPolicy: Default}"), "10.96.0.10"));
        Assert.Null(PodFiles.Resolver(Pod("{dnsPolicy: ClusterFirst}"), ""));
        Assert.Equal("nameserver 1.1.1.1\nsearch a.b\noptions ndots:2\n",
            PodFiles.Resolver(Pod("{dnsPolicy: None, dnsConfig: {nameservers: [1.1.1.1], searches: [a.b], options: [{name: ndots, value: '2'}]}}"), "10.96.0.10"));
    }

    [Fact]
    public void A_question_for_a_name_is_read_and_answered()
    {
        byte[] message = [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3, (byte)'W', (byte)'e', (byte)'b', 4, (byte)'s', (byte)'h', (byte)'o', (byte)'p', 0, 0, 1, 0, 1];
        var question = DnsMessage.Read(message)!;
        Assert.Equal(("web.shop", DnsMessage.A, 26), (question.Name, question.Type, question.Length));
        var answer = DnsMessage.Write(message, question, DnsMessage.NoError, [DnsMessage.Address("web.shop", IPAddress.Parse("10.96.0.7"))], 512);
        Assert.Equal([0x12, 0x34, 0x85, 0x80, 0, 1, 0, 1, 0, 0, 0, 0], answer[..12]);
        Assert.Equal([0, 1, 0, 1, 0, 0, 0, 5, 0, 4, 10, 96, 0, 7], answer[^14..]);
    }

    [Theory]
    [InlineData(new byte[] { })]
    [InlineData(new byte[] { 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 0x0c, 0, 1, 0, 1 })]
    [InlineData(new byte[] { 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 63 })]
    [InlineData(new byte[] { 0, 0, 1, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1 })]
    public void What_is_no_question_is_not_answered(byte[] message) => Assert.Null(DnsMessage.Read(message));

    private static Dictionary<string, VolumeFile> Files(params (string Path, string Text)[] files) =>
        files.ToDictionary(f => f.Path, f => new VolumeFile(System.Text.Encoding.UTF8.GetBytes(f.Text), UnixFileMode.UserRead | UnixFileMode.UserWrite));

    private static KubernetesObject Pod(string spec) => new(YamlMap.Of(
        ("apiVersion", "v1"), ("kind", "Pod"), ("metadata", YamlMap.Of(("name", "p"), ("namespace", "shop"))), ("spec", YamlText.ReadAll(spec)[0])));
}
