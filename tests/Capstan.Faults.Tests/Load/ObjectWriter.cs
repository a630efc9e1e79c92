using System.Net;

namespace Capstan.Faults.Tests.Load;

/// <summary>One client of the cluster with objects of its own: applies and deletes them, one at a time.</summary>
internal sealed class ObjectWriter(LoadSettings settings, int number, Journal journal, Api api)
{
    private const int Names = 3;
    private readonly Random _random = new(settings.Seed * 37 + number);
    private int _value;

    /// <summary>One write. Two fields carry the same value, so that half a write would show.</summary>
    public async Task StepAsync(CancellationToken cancellation)
    {
        var space = number % 2 == 0 ? "shared" : "default";
        var name = $"w{number}-{_random.Next(Names)}";
        var (key, path) = ($"object/{space}/{name}", $"/api/v1/namespaces/{space}/configmaps/{name}");
        var isDeletion = _random.Next(5) == 0;
        var value = isDeletion ? "gone" : $"{++_value}";
        var id = journal.Send(key, value);
        try
        {
            if (isDeletion) await api.DeleteAsync(path, cancellation);
            else await api.ApplyAsync(path, $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{{name}}}"},"data":{"a":"{{{value}}}","b":"{{{value}}}"}}""", cancellation);
        }
        catch (HttpRequestException error) when (isDeletion && error.StatusCode == HttpStatusCode.NotFound)
        {
            // That it is not there is an answer too.
            Console.Error.Write("");
        }
        journal.Acknowledge(id, key, value);
    }
}
