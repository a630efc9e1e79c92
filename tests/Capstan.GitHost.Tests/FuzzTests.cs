using Capstan.GitHost.Protocol;
using Capstan.Testing;

namespace Capstan.GitHost.Tests;

/// <summary>No request makes the reader of pushes fail in another way than it says.</summary>
public sealed class FuzzTests
{
    private const string Id = "0123456789012345678901234567890123456789";

    [Fact]
    public void The_commands_of_a_push_withstand_any_input() => Fuzz.Run(
        [Wire.Line($"{Wire.Zero} {Id} refs/heads/main\0 report-status side-band-64k") + Wire.Line($"{Id} {Wire.Zero} refs/heads/side") + "0000PACK", Wire.Line($"shallow {Id}") + "0000", "0000"],
        ["0000", "0001", "0002", "0004", "fff0", "ffff", Wire.Zero, Id, " ", "\0", "refs/heads/", "shallow ", "push-cert", "\n", "PACK"],
        static input =>
        {
            try
            {
                // Nothing here waits: the stream is in memory.
                var reading = PacketLines.ReadCommandsAsync(new MemoryStream(input), CancellationToken.None);
                return reading.IsCompleted ? string.Join(' ', reading.GetAwaiter().GetResult().Select(c => c.Old is null ? "new" : c.New is null ? "gone" : "moved")) : throw new InvalidOperationException("it waits");
            }
            catch (GitHostException refused)
            {
                return refused.Message;
            }
        });
}
