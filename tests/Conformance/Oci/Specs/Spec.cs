using Capstan.Testing;

namespace Capstan.Conformance.Oci.Specs;

/// <summary>One specification: its official name, with what stands above it, and what is done and expected. Specifications of one workflow run in order and share a state.</summary>
internal sealed record Spec(string Name, Func<Workflow, Task> RunAsync);

/// <summary>What one workflow shares.</summary>
internal sealed class Workflow(RegistryWire wire, string name)
{
    public RegistryWire Wire => wire;

    /// <summary>The repository of the workflow.</summary>
    public string Name => name;

    /// <summary>The repository to which blobs are mounted.</summary>
    public string Other => name + "-other";

    /// <summary>What an earlier specification leaves for a later one.</summary>
    public Dictionary<string, string> Kept { get; } = [];

    public Task<WireAnswer> SendAsync(string method, string rest, byte[]? body = null, params (string, string)[] headers) =>
        wire.SendAsync(method, $"/v2/{name}/{rest}", body, rest.StartsWith("manifests/", StringComparison.Ordinal) && method is "GET" or "HEAD"
            ? [.. headers, ("Accept", $"{Content.ManifestType}, {Content.IndexType}")]
            : headers);

    public async Task PushBlobAsync(byte[] content)
    {
        var digest = RegistryWire.DigestOf(content);
        Expect(await wire.FinishAsync(await wire.BeginAsync(name), digest, content), 201, 202);
    }

    public async Task PutAsync(string reference, string json) => Successful(await wire.PutManifestAsync(name, reference, json));

    public static WireAnswer Expect(WireAnswer answer, params int[] statuses)
    {
        Assert.True(statuses.Contains(answer.Status), $"{answer.Status} instead of {string.Join(" or ", statuses)}: {answer.Text}");
        return answer;
    }

    public static WireAnswer Successful(WireAnswer answer)
    {
        Assert.True(answer.Status is >= 200 and < 300, $"{answer.Status} instead of success: {answer.Text}");
        return answer;
    }
}

/// <summary>A specification that does not apply, since an earlier one took the other way that is allowed.</summary>
internal sealed class DoesNotApply(string why) : Exception(why);
