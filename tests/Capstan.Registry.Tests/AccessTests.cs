using System.Text.Json;
using Capstan.Access.Rights;
using Capstan.Access.Tokens;
using Capstan.Testing;

namespace Capstan.Registry.Tests;

/// <summary>Who may do what, and what nobody learns.</summary>
public class AccessTests
{
    private static readonly (string Method, string Path)[] Everything =
    [
        ("GET", "/v2/"), ("GET", "/v2/_catalog"), ("GET", "/v2/token"), ("GET", "/v2/shop/tags/list"), ("GET", "/v2/shop/manifests/v1"), ("HEAD", "/v2/shop/manifests/v1"),
        ("PUT", "/v2/shop/manifests/v1"), ("DELETE", "/v2/shop/manifests/v1"), ("POST", "/v2/shop/blobs/uploads/"), ("GET", "/v2/shop/blobs/uploads/x"),
        ("PATCH", "/v2/shop/blobs/uploads/x"), ("PUT", "/v2/shop/blobs/uploads/x"), ("DELETE", "/v2/shop/blobs/uploads/x"),
        ("GET", "/v2/shop/blobs/sha256:x"), ("HEAD", "/v2/shop/blobs/sha256:x"), ("DELETE", "/v2/shop/blobs/sha256:x"), ("GET", "/v2/shop/referrers/sha256:x"),
        ("POST", "/v2/shop/manifests/v1"), ("PATCH", "/v2/shop/blobs/sha256:x"),
    ];

    [Fact]
    public async Task Without_a_credential_nothing_is_answered()
    {
        await using var registry = await RegistryFixture.StartAsync();
        using var anonymous = registry.ConnectAnonymously();
        using var wrong = new RegistryWire(registry.Address, "admin", "wrong");
        foreach (var (method, path) in Everything)
        {
            foreach (var wire in new[] { anonymous, wrong })
            {
                var answer = await wire.SendAsync(method, path);
                Assert.True(answer.Status == 401, $"{method} {path}: {answer.Status}");
                Assert.StartsWith("Basic ", answer["WWW-Authenticate"], StringComparison.Ordinal);
                if (method != "HEAD") Assert.Contains("UNAUTHORIZED", answer.Text, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Where_everybody_may_read_nobody_may_change_anything()
    {
        await using var registry = await RegistryFixture.StartAsync(anonymous: true);
        using var admin = registry.Connect();
        var json = await admin.PushImageAsync("shop", "v1");
        using var anonymous = registry.ConnectAnonymously();
        Assert.Equal(json, (await anonymous.SendAsync("GET", "/v2/shop/manifests/v1")).Text);
        foreach (var (method, path) in Everything.Where(e => e.Method is "PUT" or "POST" or "PATCH" or "DELETE"))
        {
            var answer = await anonymous.SendAsync(method, path);
            Assert.True(answer.Status is 401 or 405, $"{method} {path}: {answer.Status}");
        }
    }

    [Fact]
    public async Task The_token_flow_gives_what_may_be_done_and_no_more()
    {
        await using var registry = await RegistryFixture.StartAsync(anonymous: true);
        using var admin = registry.Connect();
        await admin.PushImageAsync("shop", "v1");
        await admin.PushImageAsync("other", "v1");
        using var anonymous = registry.ConnectAnonymously();
        var challenge = (await anonymous.SendAsync("GET", "/v2/"))["WWW-Authenticate"];
        Assert.Equal($"Bearer realm=\"{registry.Address}v2/token\",service=\"{registry.Host}\"", challenge);
        var pushing = (await anonymous.SendAsync("POST", "/v2/shop/blobs/uploads/"))["WWW-Authenticate"];
        Assert.EndsWith(",scope=\"repository:shop:pull,push\"", pushing, StringComparison.Ordinal);

        var reader = Token(await anonymous.SendAsync("GET", "/v2/token?scope=repository:shop:pull,push"));
        Assert.Equal(200, await StatusAsync(reader, "GET", "/v2/shop/manifests/v1"));
        Assert.Equal(401, await StatusAsync(reader, "GET", "/v2/other/manifests/v1"));
        Assert.Equal(401, await StatusAsync(reader, "POST", "/v2/shop/blobs/uploads/"));

        var pusher = Token(await admin.SendAsync("GET", "/v2/token?scope=repository:shop:pull,push"));
        Assert.Equal(202, await StatusAsync(pusher, "POST", "/v2/shop/blobs/uploads/"));
        Assert.Equal(401, await StatusAsync(pusher, "DELETE", "/v2/shop/manifests/v1"));
        Assert.Equal(401, await StatusAsync(pusher, "POST", "/v2/other/blobs/uploads/"));
        foreach (var forged in new[] { pusher + "x", pusher[..^4], pusher[..20] + (pusher[20] == 'A' ? 'B' : 'A') + pusher[21..], "capr_", "capr_e30", "capr_" + new string('A', 60), "eyJhbGciOiJub25lIn0.e30." })
        {
            Assert.Equal(401, await StatusAsync(forged, "GET", "/v2/shop/manifests/v1"));
        }

        async Task<int> StatusAsync(string token, string method, string path) => (await anonymous.SendAsync(method, path, headers: ("Authorization", "Bearer " + token))).Status;
    }

    [Fact]
    public async Task A_token_ends()
    {
        var clock = new FakeClock();
        await using var registry = await RegistryFixture.StartAsync(time: clock);
        using var admin = registry.Connect();
        await admin.PushImageAsync("shop", "v1");
        var token = Token(await admin.SendAsync("GET", "/v2/token?scope=repository:shop:pull"));
        using var anonymous = registry.ConnectAnonymously();
        Assert.Equal(200, (await anonymous.SendAsync("GET", "/v2/shop/manifests/v1", headers: ("Authorization", "Bearer " + token))).Status);
        clock.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal(401, (await anonymous.SendAsync("GET", "/v2/shop/manifests/v1", headers: ("Authorization", "Bearer " + token))).Status);
    }

    [Fact]
    public async Task A_robot_may_what_it_was_given_until_its_token_is_taken_away()
    {
        var book = new TokenBook(TimeProvider.System);
        var grant = new Grant([Verb.Get, Verb.Update], [ResourceKind.Images], ["team/*"]);
        var (token, text) = AccessToken.Issue("run", new Principal(PrincipalKind.Robot, "run 7") { Grants = [grant] }, null, DateTimeOffset.UnixEpoch, TimeSpan.FromDays(100_000));
        book.Put(token);
        await using var registry = await RegistryFixture.StartAsync(tokens: book);
        using var admin = registry.Connect();
        await admin.PushImageAsync("other", "v1");
        using var robot = new RegistryWire(registry.Address, "run", text.Reveal());
        await robot.PushImageAsync("team/shop", "v1");
        foreach (var name in new[] { "other", "none" })
        {
            Assert.Equal(404, (await robot.SendAsync("GET", $"/v2/{name}/manifests/v1")).Status);
            Assert.Equal(403, (await robot.SendAsync("POST", $"/v2/{name}/blobs/uploads/")).Status);
        }

        Assert.Equal(403, (await robot.SendAsync("DELETE", "/v2/team/shop/manifests/v1")).Status);
        Assert.Equal("{\"repositories\":[\"team/shop\"]}", (await robot.SendAsync("GET", "/v2/_catalog")).Text);
        var bearer = ("Authorization", "Bearer " + Token(await robot.SendAsync("GET", "/v2/token?scope=repository:team/shop:pull,push&scope=repository:other:pull")));
        using var anonymous = registry.ConnectAnonymously();
        Assert.Equal(200, (await anonymous.SendAsync("GET", "/v2/team/shop/manifests/v1", headers: bearer)).Status);
        book.Remove(token.Id);
        Assert.Equal(401, (await anonymous.SendAsync("GET", "/v2/team/shop/manifests/v1", headers: bearer)).Status);
        Assert.Equal(401, (await robot.SendAsync("GET", "/v2/team/shop/manifests/v1")).Status);
    }

    [Fact]
    public async Task A_mount_from_where_one_may_not_read_looks_like_one_from_where_nothing_is()
    {
        await using var registry = await RegistryFixture.StartAsync();
        using var admin = registry.Connect();
        var digest = await admin.PushBlobAsync("secret", "content"u8.ToArray());
        using var anonymous = registry.ConnectAnonymously();
        var token = ("Authorization", "Bearer " + Token(await admin.SendAsync("GET", "/v2/token?scope=repository:shop:pull,push")));
        foreach (var query in new[] { $"?mount={digest}&from=secret", $"?mount={digest}&from=none", $"?mount={digest}", $"?mount={digest}&from=../secret", $"?mount={RegistryWire.DigestOf("x"u8)}&from=secret" })
        {
            var answer = await anonymous.SendAsync("POST", "/v2/shop/blobs/uploads/" + query, headers: token);
            Assert.Equal(202, answer.Status);
        }

        Assert.Equal(404, (await anonymous.SendAsync("HEAD", "/v2/shop/blobs/" + digest, headers: token)).Status);
        Assert.Equal(201, (await admin.SendAsync("POST", $"/v2/shop/blobs/uploads/?mount={digest}&from=secret")).Status);
        Assert.Equal("content", (await anonymous.SendAsync("GET", "/v2/shop/blobs/" + digest, headers: token)).Text);
    }

    [Fact]
    public async Task Where_deleting_is_off_no_route_deletes()
    {
        await using var registry = await RegistryFixture.StartAsync(new RegistryOptions { AllowDelete = false });
        using var admin = registry.Connect();
        var json = System.Text.Encoding.UTF8.GetBytes(await admin.PushImageAsync("shop", "v1"));
        foreach (var path in new[] { "/v2/shop/manifests/v1", "/v2/shop/manifests/" + RegistryWire.DigestOf(json), "/v2/shop/blobs/" + RegistryWire.DigestOf("layer"u8) })
        {
            var answer = await admin.SendAsync("DELETE", path);
            Assert.Equal(405, answer.Status);
            Assert.Contains("UNSUPPORTED", answer.Text, StringComparison.Ordinal);
        }
    }

    private static string Token(WireAnswer answer) => JsonDocument.Parse(answer.Body).RootElement.GetProperty("token").GetString()!;
}
