using System.Globalization;
using System.Text;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.LocalCluster.ApiServer.Operations;
using Capstan.LocalCluster.ApiServer.Printing;
using Capstan.LocalCluster.Storage;
using Capstan.Yaml;
using Microsoft.AspNetCore.Http;

namespace Capstan.LocalCluster.ApiServer.Http;

/// <summary>Writes answers. Stored bytes go out as they are wherever the caller speaks the stored version.</summary>
internal sealed class Answers(TableWriter tables)
{
    private const int FlushAt = 64 * 1024;

    public static async Task JsonAsync(HttpContext context, int code, ReadOnlyMemory<byte> json)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = json.Length;
        await context.Response.BodyWriter.WriteAsync(json, context.RequestAborted).ConfigureAwait(false);
    }

    public static Task JsonAsync(HttpContext context, int code, YamlNode tree) => JsonAsync(context, code, JsonText.WriteBytes(tree));

    public static Task TextAsync(HttpContext context, string text)
    {
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(text, context.RequestAborted);
    }

    public static Task StatusAsync(HttpContext context, ApiStatusException error)
    {
        if (error.Details?.Number("retryAfterSeconds") is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        return JsonAsync(context, error.Code, error.ToStatus());
    }

    public static void Warn(HttpContext context, WriteOptions options)
    {
        foreach (var warning in options.Warnings.Take(50))
        {
            context.Response.Headers.Append("Warning", $"299 - \"{warning.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"");
        }
    }

    public Task ObjectAsync(HttpContext context, int code, Target target, Accepted accepted, YamlMap tree) =>
        JsonAsync(context, code, Shape(target, accepted, tree, code == 200));

    /// <summary>What came of a write; the bytes that were stored are the answer wherever the caller speaks the stored version.</summary>
    public Task WrittenAsync(HttpContext context, int code, Target target, Accepted accepted, WriteOutcome outcome) =>
        outcome.Stored is { } stored && accepted.Form == AnswerForm.Object && IsAsStored(target, stored)
            ? JsonAsync(context, code, stored.Json)
            : ObjectAsync(context, code, target, accepted, outcome.Tree);

    public Task StoredAsync(HttpContext context, Target target, Accepted accepted, StoredObject item) => accepted.Form == AnswerForm.Object && IsAsStored(target, item)
        ? JsonAsync(context, 200, item.Json)
        : JsonAsync(context, 200, Shape(target, accepted, TreeOf(target, item), true));

    /// <summary>Whether the stored bytes are what the caller wants to read.</summary>
    public static bool IsAsStored(Target target, StoredObject item) => IsStoredVersion(target) && !(target.Resource.Custom?.Since > item.Revision);

    /// <summary>An object as it reads now: one that is older than its definition gets the defaults that the definition has gained.</summary>
    public static YamlMap TreeOf(Target target, StoredObject item) =>
        target.Resource.Custom is { } custom && custom.Since > item.Revision ? custom.Default(item.Tree, target.Resource.StorageVersion) : item.Tree;

    /// <summary>One object in the shape and version that the caller wants.</summary>
    public YamlMap Shape(Target target, Accepted accepted, YamlMap tree, bool withColumns)
    {
        tree = VersionConversion.ToVersion(target.Resource, target.Version, tree);
        return accepted.Form switch
        {
            AnswerForm.Table => tables.Of(target.Resource, target.Version, [tree], tree.Text("metadata", "resourceVersion"), "", null, withColumns),
            AnswerForm.Metadata => PartialMetadata(tree),
            _ => tree,
        };
    }

    public async Task ListAsync(HttpContext context, Target target, Accepted accepted, ListPage page)
    {
        if (accepted.Form == AnswerForm.Table)
        {
            var trees = page.Items.Select(i => VersionConversion.ToVersion(target.Resource, target.Version, TreeOf(target, i)));
            var table = tables.Of(target.Resource, target.Version, trees, page.Revision.ToString(CultureInfo.InvariantCulture), page.Continue, page.Remaining, true);
            await JsonAsync(context, 200, table).ConfigureAwait(false);
            return;
        }

        context.Response.ContentType = "application/json";
        var metadata = accepted.Form == AnswerForm.Metadata;
        var writer = context.Response.BodyWriter;
        Write(writer, Head(target, metadata, page));
        var first = true;
        long unflushed = 0;
        foreach (var item in page.Items)
        {
            if (!first)
            {
                Write(writer, ","u8);
            }

            first = false;
            var json = metadata ? JsonText.WriteBytes(PartialMetadata(item.Tree))
                : IsAsStored(target, item) ? item.Json
                : JsonText.WriteBytes(VersionConversion.ToVersion(target.Resource, target.Version, TreeOf(target, item)));
            Write(writer, json);
            unflushed += json.Length;
            if (unflushed > FlushAt)
            {
                await writer.FlushAsync(context.RequestAborted).ConfigureAwait(false);
                unflushed = 0;
            }
        }

        Write(writer, "]}"u8);
        await writer.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }

    public static bool IsStoredVersion(Target target) => target.Version == target.Resource.StorageVersion && target.Resource.StoredAs.Length == 0;

    private static byte[] Head(Target target, bool metadata, ListPage page)
    {
        var (version, kind) = metadata ? ("meta.k8s.io/v1", "PartialObjectMetadataList") : (target.ApiVersion, target.Resource.ListKind);
        var about = YamlMap.Of(("resourceVersion", page.Revision.ToString(CultureInfo.InvariantCulture)));
        if (page.Continue.Length > 0)
        {
            about = about.With("continue", page.Continue);
            about = page.Remaining is { } remaining ? about.With("remainingItemCount", remaining) : about;
        }

        var head = JsonText.Write(YamlMap.Of(("kind", kind), ("apiVersion", version), ("metadata", about)));
        return Encoding.UTF8.GetBytes(head[..^1] + ",\"items\":[");
    }

    private static YamlMap PartialMetadata(YamlMap tree) =>
        YamlMap.Of(("kind", "PartialObjectMetadata"), ("apiVersion", "meta.k8s.io/v1"), ("metadata", tree.MapAt("metadata")));

    private static void Write(System.IO.Pipelines.PipeWriter writer, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(writer.GetSpan(bytes.Length));
        writer.Advance(bytes.Length);
    }
}
