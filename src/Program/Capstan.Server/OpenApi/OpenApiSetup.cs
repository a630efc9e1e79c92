using System.Text.Json.Serialization.Metadata;
using Capstan.Access.Rights;
using Capstan.Api.Activity;
using Capstan.Api.Applications;
using Capstan.Api.Images;
using Capstan.Api.Instance;
using Capstan.Api.Pipelines;
using Capstan.Api.Problems;
using Capstan.Api.Repositories;
using Capstan.Api.Runs;
using Capstan.Api.Tokens;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace Capstan.Server.OpenApi;

/// <summary>The OpenAPI document of the API, made from what the routes say of themselves.</summary>
internal static class OpenApiSetup
{
    public const string Path = "/api/v1/openapi.json";

    /// <summary>Every context whose types travel. A type that is in none makes the document fail, and a test fetches it.</summary>
    private static readonly IJsonTypeInfoResolver[] Contexts =
    [
        ApplicationsJson.Default, RepositoriesJson.Default, InstanceJson.Default, TokensJson.Default, UsersJson.Default, ActivityJson.Default, ProblemsJson.Default,
        RunsJson.Default, PipelinesJson.Default, ImagesJson.Default,
    ];

    public static void AddTo(IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(options =>
        {
            foreach (var context in Contexts) options.SerializerOptions.TypeInfoResolverChain.Add(context);
        });
        services.AddOpenApi(options =>
        {
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            options.ShouldInclude = description => description.ActionDescriptor.EndpointMetadata.OfType<RouteDescription>().Any();
            options.AddDocumentTransformer((document, _, _) => Finish(document));
            options.AddOperationTransformer((operation, context, cancellation) => DescribeAsync(operation, context, cancellation));
        });
    }

    private static Task Finish(OpenApiDocument document)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Capstan",
            Version = "v1",
            Description = "Everything that Capstan's pages and commands do. Lists come in pages (`next` is the cursor of the next page), failures are problems "
                + "(RFC 9457), an answer with an ETag can be asked for with If-None-Match, and a POST with an Idempotency-Key is done once however often it is sent.",
            License = new OpenApiLicense { Name = "Apache-2.0", Identifier = "Apache-2.0" },
        };
        // Where it is served differs from one installation to the next.
        document.Servers = [new OpenApiServer { Url = "/" }];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            ["token"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "A token of `capstan create token`, or the administrator's" },
        };
        document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("token", document)] = [] }];
        return Task.CompletedTask;
    }

    private static async Task DescribeAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var told = metadata.OfType<RouteDescription>().Last();
        var right = metadata.OfType<StatedRight>().LastOrDefault();
        operation.Summary = told.Summary;
        operation.Description = right switch
        {
            null => "Needs no credential.",
            { OwnIsEnough: true } => "Needs a credential.",
            _ => $"Needs the right to {right}.",
        };
        var segments = (context.Description.RelativePath ?? "").Split('/');
        operation.Tags = new HashSet<OpenApiTagReference>([new OpenApiTagReference(segments.Length > 2 ? segments[2] : "api", context.Document)]);
        operation.Parameters = [.. Parameters(segments, told, context.Description.HttpMethod == "POST")];
        var problem = await context.GetOrCreateSchemaAsync(typeof(Problem), null, cancellation).ConfigureAwait(false);
        operation.Responses ??= [];
        operation.Responses["default"] = new OpenApiResponse
        {
            Description = "A problem: what is wrong, and what to do next",
            Content = new Dictionary<string, OpenApiMediaType> { [Problem.ContentType] = new OpenApiMediaType { Schema = problem } },
        };
    }

    private static IEnumerable<IOpenApiParameter> Parameters(string[] segments, RouteDescription told, bool isPost)
    {
        foreach (var segment in segments.Where(s => s.StartsWith('{')))
        {
            yield return new OpenApiParameter { Name = segment.Trim('{', '}', '*'), In = ParameterLocation.Path, Required = true, Schema = Text() };
        }
        foreach (var (name, meaning) in told.Query) yield return new OpenApiParameter { Name = name, In = ParameterLocation.Query, Description = meaning, Schema = Text() };
        if (isPost) yield return new OpenApiParameter { Name = "Idempotency-Key", In = ParameterLocation.Header, Description = "A word of the caller's, new for each wish: what was done for it once is answered again", Schema = Text() };
    }

    private static OpenApiSchema Text() => new() { Type = JsonSchemaType.String };
}
