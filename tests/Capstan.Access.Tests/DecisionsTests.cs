using System.Net;
using Capstan.Access.Requests;

namespace Capstan.Access.Tests;

public sealed class DecisionsTests
{
    [Theory]
    [InlineData("127.0.0.1:7070", HostVerdict.Accepted)]
    [InlineData("localhost:7070", HostVerdict.Accepted)]
    [InlineData("LOCALHOST:7070", HostVerdict.Accepted)]
    [InlineData("[::1]:7070", HostVerdict.Accepted)]
    [InlineData("capstan.example", HostVerdict.Accepted)]
    [InlineData("capstan.example:443", HostVerdict.Accepted)]
    [InlineData("inside:80", HostVerdict.Accepted)]
    [InlineData("localhost", HostVerdict.UnknownHost)]
    [InlineData("localhost:7071", HostVerdict.UnknownHost)]
    [InlineData("localhost.:7070", HostVerdict.UnknownHost)]
    [InlineData("evil.example:7070", HostVerdict.UnknownHost)]
    [InlineData("capstan.example.evil.example", HostVerdict.UnknownHost)]
    [InlineData("192.168.1.1:7070", HostVerdict.UnknownHost)]
    [InlineData("", HostVerdict.UnknownHost)]
    [InlineData(null, HostVerdict.UnknownHost)]
    public void Only_names_that_are_ours_are_answered_on_loopback(string? host, HostVerdict expected) =>
        Assert.Equal(expected, Loopback().Check(new RequestOrigin("GET", host)));

    [Theory]
    [InlineData("192.168.1.1:7070", HostVerdict.Accepted)]
    [InlineData("localhost:7070", HostVerdict.Accepted)]
    [InlineData("evil.example:7070", HostVerdict.UnknownHost)]
    [InlineData("192.168.1.1:7071", HostVerdict.UnknownHost)]
    public void Listening_everywhere_answers_to_addresses_but_not_to_names(string host, HostVerdict expected) =>
        Assert.Equal(expected, new HostCheck(new IPEndPoint(IPAddress.Any, 7070)).Check(new RequestOrigin("GET", host)));

    [Theory]
    [InlineData("POST", null, null, null, HostVerdict.Accepted)]
    [InlineData("POST", "http://localhost:7070", "same-origin", null, HostVerdict.Accepted)]
    [InlineData("POST", "https://capstan.example", null, null, HostVerdict.Accepted)]
    [InlineData("POST", "http://evil.example", null, null, HostVerdict.CrossSite)]
    [InlineData("POST", "null", null, null, HostVerdict.CrossSite)]
    [InlineData("POST", "file://", null, null, HostVerdict.CrossSite)]
    [InlineData("POST", null, "cross-site", "no-cors", HostVerdict.CrossSite)]
    [InlineData("POST", null, "same-site", "cors", HostVerdict.CrossSite)]
    [InlineData("GET", null, "cross-site", "no-cors", HostVerdict.CrossSite)]
    [InlineData("GET", null, "cross-site", "navigate", HostVerdict.Accepted)]
    [InlineData("POST", null, "cross-site", "navigate", HostVerdict.CrossSite)]
    [InlineData("GET", "http://evil.example", null, "websocket", HostVerdict.CrossSite)]
    [InlineData("GET", null, "none", "navigate", HostVerdict.Accepted)]
    public void What_another_site_makes_a_browser_send_is_refused(string method, string? origin, string? site, string? mode, HostVerdict expected) =>
        Assert.Equal(expected, Loopback().Check(new RequestOrigin(method, "localhost:7070", origin, site, mode)));

    private static HostCheck Loopback() => new(new IPEndPoint(IPAddress.Loopback, 7070), new Uri("https://capstan.example"), ["inside:80"]);
}
