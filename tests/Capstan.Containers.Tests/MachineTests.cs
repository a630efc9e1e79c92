using Capstan.Containers.Containers;

namespace Capstan.Containers.Tests;

public class MachineTests
{
    private static readonly string[] Limits =
    [
        "Limit                     Soft Limit           Hard Limit           Units     ",
        "Max processes             96365                unlimited            processes ",
        "Max open files            1024                 20000                files     ",
    ];

    [Fact]
    public void Limits_are_the_machines_own_and_at_most_what_engines_can_give()
    {
        Assert.Equal(["nproc 32768 32768", "nofile 20000 20000"], HostLimits.Read(Limits, processIds: 32768).Select(l => $"{l.Name} {l.Soft} {l.Hard}"));
    }

    [Theory]
    [InlineData("4bfd550d6f2f", true)]
    [InlineData("9ad61c051b4c", false)]
    public void The_kernel_tells_which_container_ran_out_of_memory(string id, bool ended)
    {
        const string log = """
            [ 1586.2] veth0: left promiscuous mode of 9ad61c051b4c
            [ 1744.0] oom-kill:constraint=CONSTRAINT_MEMCG,oom_memcg=/parent/libpod-4bfd550d6f2f,task_memcg=/parent/libpod-4bfd550d6f2f,task=busybox,pid=16295,uid=0
            """;
        Assert.Equal(ended, KernelLog.Tells(log, id));
    }
}
