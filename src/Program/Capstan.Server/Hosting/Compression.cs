using System.IO.Compression;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.Extensions.DependencyInjection;

namespace Capstan.Server.Hosting;

/// <summary>Which answers travel compressed: pages, and the API's JSON. Streams of events do not, since each of them must arrive at once; Git and the
/// registry have compression of their own.</summary>
internal static class Compression
{
    private static readonly string[] Types = ["text/html", "application/json", "application/problem+json", "image/svg+xml", "text/plain"];

    public static void AddTo(IServiceCollection services)
    {
        services.AddResponseCompression(options =>
        {
            // What is secret in a page, the session's word, is masked anew for each answer, so that sizes tell nothing of it.
            options.EnableForHttps = true;
            options.MimeTypes = Types;
        });
        services.Configure<BrotliCompressionProviderOptions>(o => o.Level = CompressionLevel.Fastest);
        services.Configure<GzipCompressionProviderOptions>(o => o.Level = CompressionLevel.Fastest);
    }

    public static bool Concerns(HttpContext http) => !http.Request.Path.StartsWithSegments("/git") && !http.Request.Path.StartsWithSegments("/v2");
}
