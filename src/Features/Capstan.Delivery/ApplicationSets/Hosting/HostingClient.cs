using System.Net;
using System.Net.Http.Headers;
using Capstan.Sources;
using Capstan.Sources.Ssrf;
using Capstan.Yaml;

namespace Capstan.Delivery.ApplicationSets.Hosting;

/// <summary>
/// Asks the APIs of hosting services. Where an address leads is judged at each connection, also after a redirect; answers are bounded, and
/// what they say goes into no message.
/// </summary>
/// <param name="hosts">Hosts inside the network that the operator allows, in lower case.</param>
internal sealed class HostingClient(IReadOnlySet<string> hosts) : IDisposable
{
    private const long LargestAnswer = 16 << 20;
    private const int MostPages = 200;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http = new(new AddressGuard(hosts).CreateHandler()) { Timeout = Patience, MaxResponseContentBufferSize = LargestAnswer };

    /// <summary>All pages of a list.</summary>
    /// <exception cref="SourceException">It cannot be read.</exception>
    public async Task<IReadOnlyList<YamlMap>> ListAsync(Uri url, AuthenticationHeaderValue? token, int pageSize, string sizeField, CancellationToken cancellation)
    {
        var items = new List<YamlMap>();
        for (var page = 1; page <= MostPages; page++)
        {
            var joint = url.Query.Length == 0 ? '?' : '&';
            var answer = await GetAsync(new Uri($"{url}{joint}{sizeField}={pageSize}&page={page}"), token, cancellation).ConfigureAwait(false);
            if (answer is not YamlList list)
            {
                throw new SourceException(SourceProblem.Failed, $"{Shown(url)}: the answer is {answer.Description}, not a list; is this the API's address?");
            }

            items.AddRange(list.OfType<YamlMap>());
            if (list.Count < pageSize)
            {
                return items;
            }
        }

        throw new SourceException(SourceProblem.TooLarge, $"{Shown(url)}: the list has more than {MostPages} pages");
    }

    /// <summary>One answer.</summary>
    /// <exception cref="SourceException">It cannot be read.</exception>
    public async Task<YamlNode> GetAsync(Uri url, AuthenticationHeaderValue? token, CancellationToken cancellation)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            request.Headers.Authorization = token;
            request.Headers.UserAgent.Add(new ProductInfoHeaderValue("capstan", "1"));
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
            using var answer = await _http.SendAsync(request, cancellation).ConfigureAwait(false);
            if (!answer.IsSuccessStatusCode)
            {
                throw Failure(url, answer);
            }

            return JsonText.Read(await answer.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false));
        }
        catch (OperationCanceledException error) when (!cancellation.IsCancellationRequested)
        {
            throw new SourceException(SourceProblem.TimedOut, $"{Shown(url)}: no answer in {Patience.TotalSeconds:0} seconds", error);
        }
        catch (HttpRequestException error)
        {
            throw error.InnerException as SourceException ?? new SourceException(SourceProblem.Unreachable, $"{Shown(url)}: {error.Message}", error);
        }
        catch (YamlException error)
        {
            throw new SourceException(SourceProblem.Failed, $"{Shown(url)}: the answer is no JSON", error);
        }
    }

    public void Dispose() => _http.Dispose();

    private static SourceException Failure(Uri url, HttpResponseMessage answer)
    {
        var status = answer.StatusCode;
        var problem = status switch
        {
            HttpStatusCode.Unauthorized => SourceProblem.AuthenticationFailed,
            HttpStatusCode.Forbidden when answer.Headers.TryGetValues("X-RateLimit-Remaining", out var left) && left.FirstOrDefault() == "0" => SourceProblem.Unreachable,
            HttpStatusCode.Forbidden => SourceProblem.AuthenticationFailed,
            HttpStatusCode.NotFound => SourceProblem.RepositoryNotFound,
            HttpStatusCode.TooManyRequests => SourceProblem.Unreachable,
            >= HttpStatusCode.InternalServerError => SourceProblem.Unreachable,
            _ => SourceProblem.Failed,
        };
        var hint = problem switch
        {
            SourceProblem.AuthenticationFailed => "; check the token of tokenRef and its scopes",
            SourceProblem.RepositoryNotFound => "; it is not there, or the token may not see it",
            _ => "",
        };
        return new SourceException(problem, $"{Shown(url)}: HTTP {(int)status}{hint}");
    }

    // Queries may hold what is nobody's business.
    private static string Shown(Uri url) => url.GetLeftPart(UriPartial.Path);
}
