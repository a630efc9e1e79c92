using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Capstan.LocalCluster.Tests;
using Capstan.Resources.Tests;
using Capstan.Yaml;

namespace Capstan.Conformance.KubernetesApi;

/// <summary>
/// The same requests to the local cluster and to a real kube-apiserver. What the real one answered is kept in testdata/answers.txt
/// (CAPSTAN_UPDATE=1 writes it anew), so that the local cluster is judged where no real one is; what they do not agree on is in testdata/differences.txt.
/// </summary>
public sealed class AgreementTests(ServerFixture local, RealApiServer real) : IClassFixture<ServerFixture>, IClassFixture<RealApiServer>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> Cases() => [.. RequestCases.Read().Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task The_local_cluster_answers_as_a_real_one(string name)
    {
        var expected = Recorded(name);
        var differences = RequestCases.Differences();
        var (actual, requests) = (await AnswersAsync(name, SendLocalAsync), RequestCases.Read()[name]);
        var wrong = new StringBuilder();
        for (var i = 0; i < requests.Count; i++)
        {
            var known = differences.Any(d => Line(requests[i]).StartsWith(d.Key, StringComparison.Ordinal));
            if (known == expected[i].SequenceEqual(actual[i]))
            {
                wrong.AppendLine(known ? $"agrees now, take it out of differences.txt: {Line(requests[i])}" : Line(requests[i]))
                    .AppendLine($"  real:  {string.Join("; ", expected[i])}").AppendLine($"  local: {string.Join("; ", actual[i])}");
            }
        }

        Assert.True(wrong.Length == 0, wrong.ToString());
        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: {expected.Sum(e => e.Count)} facts agree");
    }

    [Fact]
    public async Task A_real_cluster_still_answers_as_it_was_written_down()
    {
        real.SkipUnlessHere();
        var text = new StringBuilder();
        foreach (var name in RequestCases.Read().Keys)
        {
            text.Append("== ").AppendLine(name);
            var answers = await AnswersAsync(name, SendRealAsync);
            foreach (var facts in answers)
            {
                text.AppendJoin('\t', facts).AppendLine();
            }
        }

        var file = Path.Combine(RequestCases.Folder, "answers.txt");
        if (Environment.GetEnvironmentVariable("CAPSTAN_UPDATE") == "1")
        {
            await File.WriteAllTextAsync(file, text.ToString(), Cancellation);
        }

        Assert.Equal(await File.ReadAllTextAsync(file, Cancellation), text.ToString());
    }

    [Fact]
    public void At_least_250_facts_are_compared() =>
        Assert.True(RequestCases.Read().Keys.Sum(name => Recorded(name).Sum(facts => facts.Count)) >= 250);

    private static List<List<string>> Recorded(string name)
    {
        var lines = File.ReadAllLines(Path.Combine(RequestCases.Folder, "answers.txt")).SkipWhile(l => l != "== " + name).Skip(1).TakeWhile(l => !l.StartsWith("== ", StringComparison.Ordinal));
        return [.. lines.Select(l => l.Split('\t').ToList())];
    }

    private static string Line(ApiRequest request) => $"{request.Method} {request.Path} {request.Body}".TrimEnd();

    private static async Task<List<List<string>>> AnswersAsync(string name, Func<HttpMethod, string, YamlNode?, string, Task<(HttpStatusCode, YamlMap)>> send)
    {
        var space = "agree-" + Guid.NewGuid().ToString("N")[..8];
        await send(HttpMethod.Post, "api/v1/namespaces", JsonText.Read($"{{\"metadata\":{{\"name\":\"{space}\"}}}}"), "application/json");
        var answers = new List<List<string>>();
        foreach (var request in RequestCases.Read()[name])
        {
            var body = request.Body.Length == 0 ? null : JsonText.Read(request.Body.Replace("\"NS\"", $"\"{space}\"", StringComparison.Ordinal));
            var path = request.Path.TrimStart('/').Replace("/NS", "/" + space, StringComparison.Ordinal);
            var (status, answer) = await send(request.Method, path, body, request.Type);
            answers.Add([.. RequestCases.Facts(request, status, answer, space)]);
        }

        await send(HttpMethod.Delete, $"api/v1/namespaces/{space}", null, "application/json");
        return answers;
    }

    private Task<(HttpStatusCode, YamlMap)> SendRealAsync(HttpMethod method, string path, YamlNode? body, string type) => real.SendAsync(method, path, body, type);

    private async Task<(HttpStatusCode, YamlMap)> SendLocalAsync(HttpMethod method, string path, YamlNode? body, string type)
    {
        using var request = new HttpRequestMessage(method, "/" + path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(JsonText.WriteBytes(body));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        }

        using var answer = await local.Http.SendAsync(request, Cancellation);
        var bytes = await answer.Content.ReadAsByteArrayAsync(Cancellation);
        return (answer.StatusCode, bytes is [(byte)'{', ..] ? (YamlMap)JsonText.Read(bytes) : YamlMap.Empty);
    }
}
