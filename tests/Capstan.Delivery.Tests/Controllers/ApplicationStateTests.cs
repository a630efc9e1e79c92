using Capstan.Delivery.Applications;
using Capstan.Delivery.Controllers;
using Capstan.Testing;

namespace Capstan.Delivery.Tests.Controllers;

public sealed class ApplicationStateTests
{
    [Fact]
    public void A_write_that_the_cache_never_shows_is_trusted_for_a_while_only()
    {
        var clock = new FakeClock();
        using var state = new ApplicationState(new ApplicationKey("capstan", "shop"), clock);
        var made = Make.ConfigMap("a");
        state.Wrote(made.Key, "", made);
        Assert.True(state.TryRecent(made.Key, "", out var recent));
        Assert.Same(made, recent);
        Assert.Equal(TimeSpan.FromSeconds(10), state.Unconfirmed());

        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Null(state.Unconfirmed());
        Assert.False(state.TryRecent(made.Key, "", out _));
    }

    [Fact]
    public void A_write_that_the_cache_shows_is_no_longer_needed()
    {
        using var state = new ApplicationState(new ApplicationKey("capstan", "shop"), new FakeClock());
        var made = Make.ConfigMap("a");
        state.Wrote(made.Key, "1", made);
        Assert.False(state.TryRecent(made.Key, "2", out _));
        Assert.Null(state.Unconfirmed());
    }
}
