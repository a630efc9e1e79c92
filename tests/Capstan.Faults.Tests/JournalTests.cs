using Capstan.Faults.Tests.Checking;
using Capstan.Faults.Tests.Load;

namespace Capstan.Faults.Tests;

/// <summary>The judge itself: which values the journal allows.</summary>
public class JournalTests
{
    [Theory]
    [InlineData("", "gone")]
    [InlineData("1s5", "gone,5")]
    [InlineData("1s5 1a5", "5")]
    [InlineData("1s5 1a5 2s6", "5,6")]
    [InlineData("1s5 1a5 2s6 3s7", "5,6,7")]
    [InlineData("1s5 2s6 2a6", "6")]
    [InlineData("1s5 1a5 2sgone 2agone", "gone")]
    public void An_object_is_what_was_acknowledged_last_or_sent_since(string story, string allowed)
    {
        JournalEntry[] entries = [.. story.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(w => new JournalEntry(w[0] - '0', w[1] == 'a', "object/a/b", w[2..]))];
        Assert.Equal(allowed.Split(','), JournalChecks.Allowed(entries));
    }

    [Fact]
    public void What_is_written_is_read_back_by_another_and_numbers_go_on()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("capstan-journal-").FullName, "journal");
        using (var first = new Journal(file)) first.Acknowledge(first.Send("push/a", "c1"), "push/a", "c1");
        using var second = new Journal(file);
        Assert.Equal(2, second.Send("push/a", "c2"));
        Assert.Equal([new(1, false, "push/a", "c1"), new(1, true, "push/a", "c1"), new(2, false, "push/a", "c2")], Journal.Read(file));
    }
}
