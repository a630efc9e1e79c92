using System.Net;
using Capstan.Access.Requests;

namespace Capstan.Access.Tests;

public sealed class PeerTests
{
    [Fact]
    public void Addresses_of_one_subscriber_are_one_peer()
    {
        static string Of(string address) => Peer.Of(IPAddress.Parse(address));
        Assert.Equal(Of("2001:db8:1:2::1"), Of("2001:db8:1:2:ffff::9"));
        Assert.NotEqual(Of("2001:db8:1:2::1"), Of("2001:db8:1:3::1"));
        Assert.Equal(Of("192.0.2.7"), Of("::ffff:192.0.2.7"));
        Assert.NotEqual(Of("192.0.2.7"), Of("192.0.2.8"));
    }
}
