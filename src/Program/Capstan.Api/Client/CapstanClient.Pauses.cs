using System.Text.Json;
using Capstan.Api.Applications;

namespace Capstan.Api.Client;

public sealed partial class CapstanClient
{
    /// <summary>Rests automation for a while.</summary>
    /// <param name="place">What is paused: <c>applications</c>, <c>applicationsets</c> or <c>projects</c>.</param>
    /// <param name="name">Its name.</param>
    /// <param name="wish">Until when, and why.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task PauseAsync(string place, string name, PauseRequest wish, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{place}/{Uri.EscapeDataString(name)}/pause");
        request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(wish, ApplicationsJson.Default.PauseRequest));
        request.Content.Headers.ContentType = new System.Net.Http.Headers.MediaTypeHeaderValue("application/json");
        await SendAsync(request, cancellation).ConfigureAwait(false);
    }

    /// <summary>Lets automation go on.</summary>
    public Task ResumeAsync(string place, string name, CancellationToken cancellation) => PostAsync($"{place}/{Uri.EscapeDataString(name)}/resume", cancellation);
}
