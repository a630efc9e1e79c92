using System.Collections.Concurrent;
using System.Net;
using Capstan.Access.Rights;

namespace Capstan.Server.Tests;

/// <summary>Every route with every verb, and every change with a session that no page of ours stands behind. What is not listed is not served, so a new route is asked too.</summary>
public partial class GuardTests
{
    // One token for each verb and kind of things, shared by these tests: there are so many that one owner may not have them twice.
    private static readonly ConcurrentDictionary<(ServerFixture Fixture, string Allow), string> Tokens = new();

    [Fact]
    public async Task Each_route_opens_to_the_verb_that_it_states_and_to_no_other()
    {
        var wrong = new List<string>();
        foreach (var (method, path, endpoint) in Calls())
        {
            if (endpoint.Metadata.GetMetadata<StatedRight>() is not { OwnIsEnough: false, AsksItself: false } right) continue;
            foreach (var verb in Enum.GetValues<Verb>())
            {
                using var answer = await fixture.SendAsync(method, path, await TokenOfAsync(verb, right.Resource));
                var refused = answer.StatusCode == HttpStatusCode.Forbidden || (answer.StatusCode == HttpStatusCode.NotFound && right.NameFrom is not null);
                // Who may get things of a kind may list it; of a thing that is not there who has the right learns just that.
                var opens = verb == right.Verb || (right.Verb == Verb.List && verb == Verb.Get);
                if (!opens && !refused) wrong.Add($"{method} {path} ({right}) with {verb}: {answer.StatusCode}");
                // A handler may ask for more, as for the platform repository that it writes; it is not the stated right then that is missed.
                var missed = answer.StatusCode == HttpStatusCode.Forbidden && (await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Contains($"may not {right}", StringComparison.Ordinal);
                if (opens && (missed || answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.InternalServerError)) wrong.Add($"{method} {path} ({right}) with its own verb: {answer.StatusCode}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public async Task A_right_on_one_kind_of_things_opens_no_route_of_another()
    {
        var wrong = new List<string>();
        foreach (var (method, path, endpoint) in Calls())
        {
            if (endpoint.Metadata.GetMetadata<StatedRight>() is not { OwnIsEnough: false, AsksItself: false } right) continue;
            foreach (var resource in Enum.GetValues<ResourceKind>().Where(r => r != right.Resource))
            {
                using var answer = await fixture.SendAsync(method, path, await TokenOfAsync(right.Verb, resource));
                if (answer.StatusCode is not (HttpStatusCode.Forbidden or HttpStatusCode.NotFound)) wrong.Add($"{method} {path} ({right}) with {resource}: {answer.StatusCode}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public async Task A_session_changes_nothing_without_the_word_of_a_page()
    {
        using var signed = await fixture.SendAsync("POST", "/sign-in", change: r => r.Content = new FormUrlEncodedContent([KeyValuePair.Create("secret", fixture.Server.TokenText)]));
        var cookie = signed.Headers.GetValues("Set-Cookie").First().Split(';')[0];
        var wrong = new List<string>();
        foreach (var (method, path, _) in Calls().Where(c => c.Method is not ("GET" or "OPTIONS") && c.Path != "/sign-in" && !c.Path.StartsWith("/v2", StringComparison.Ordinal)))
        {
            using var answer = await fixture.SendAsync(method, path, change: r => r.Headers.TryAddWithoutValidation("Cookie", cookie));
            if (answer.StatusCode != HttpStatusCode.Forbidden) wrong.Add($"{method} {path}: {answer.StatusCode}");
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private async Task<string> TokenOfAsync(Verb verb, ResourceKind resource)
    {
        var allow = $"{verb}:{resource}".ToLowerInvariant();
        return Tokens.TryGetValue((fixture, allow), out var known) ? known : Tokens[(fixture, allow)] = await TokenAsync(allow);
    }
}
