using System.Globalization;
using System.Text;
using Capstan.LocalCluster.ApiServer.Operations;
using Capstan.LocalCluster.Storage;
using Capstan.Yaml;
using Microsoft.AspNetCore.Http;

namespace Capstan.LocalCluster.ApiServer.Http;

/// <summary>Streams the events of one watch to one caller, until either side ends it.</summary>
internal sealed class WatchStream(ObjectStore store, ObjectReader reader, Answers answers, TimeProvider time)
{
    private static readonly TimeSpan LongestWatch = TimeSpan.FromMinutes(45);
    private static readonly TimeSpan BookmarkEvery = TimeSpan.FromSeconds(50);

    public async Task RunAsync(HttpContext context, Target target, string? space, ListOptions options, Accepted accepted, CancellationToken stopping)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        using var limit = new CancellationTokenSource(options.Timeout ?? LongestWatch, time);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(ending.Token, limit.Token);
        context.Response.ContentType = "application/json";
        var session = new Session(context, target, space, options, accepted, answers);
        try
        {
            if (await StartAsync(session, any.Token).ConfigureAwait(false) is { } watch)
            {
                await FollowAsync(session, watch, any.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (any.IsCancellationRequested)
        {
            // The caller went, the time is over or the server stops: the stream simply ends, and clients go on from their last event.
            return;
        }
    }

    private async Task<StoreWatch?> StartAsync(Session session, CancellationToken cancellation)
    {
        var from = ObjectReader.ParseRevision(session.Options.ResourceVersion);
        var initial = session.Options.SendInitialEvents ?? from is null or 0;
        if (!initial)
        {
            var resumed = store.Watch(session.Target.Resource.StoreName, from is null or 0 ? store.Revision : from.Value);
            await session.FlushAsync(cancellation).ConfigureAwait(false);
            if (resumed is null)
            {
                await session.ErrorAsync(ApiErrors.TooOld(from ?? 0, store.Revision), cancellation).ConfigureAwait(false);
            }

            return resumed;
        }

        var page = reader.List(session.Target.Resource, session.Space, session.Options with { Limit = 0, Continue = "", ResourceVersion = "", ResourceVersionMatch = "" });
        foreach (var item in page.Items)
        {
            session.Write("ADDED", item);
        }

        if (session.Options.SendInitialEvents == true && session.Options.AllowBookmarks)
        {
            session.Bookmark(page.Revision, endsInitial: true);
        }

        await session.FlushAsync(cancellation).ConfigureAwait(false);
        return store.Watch(session.Target.Resource.StoreName, page.Revision);
    }

    private async Task FollowAsync(Session session, StoreWatch watch, CancellationToken cancellation)
    {
        while (true)
        {
            if (watch.Read() is not { } events)
            {
                await session.ErrorAsync(ApiErrors.TooOld(watch.Position, store.Revision), cancellation).ConfigureAwait(false);
                return;
            }

            foreach (var change in events)
            {
                session.Write(change);
            }

            if (events.Count > 0)
            {
                await session.FlushAsync(cancellation).ConfigureAwait(false);
                continue;
            }

            using var pause = new CancellationTokenSource(BookmarkEvery, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(pause.Token, cancellation);
            try
            {
                await watch.WaitAsync(either.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                if (session.Options.AllowBookmarks)
                {
                    session.Bookmark(watch.Position, endsInitial: false);
                    await session.FlushAsync(cancellation).ConfigureAwait(false);
                }
            }
        }
    }

    /// <summary>What one caller sees of the events.</summary>
    private sealed class Session(HttpContext context, Target target, string? space, ListOptions options, Accepted accepted, Answers answers)
    {
        private bool _sentColumns;

        public Target Target => target;

        public string? Space => space;

        public ListOptions Options => options;

        // An object that begins or ceases to match a selector is added or deleted for this caller.
        public void Write(StoreEvent change)
        {
            if (space is not null && change.Object.Key.Namespace != space)
            {
                return;
            }

            var matches = change.Kind != StoreEventKind.Deleted && ObjectReader.Matches(change.Object, options);
            var matched = change.Previous is { } previous ? ObjectReader.Matches(previous, options) : change.Kind != StoreEventKind.Added;
            var type = (matched, matches) switch
            {
                (false, true) => "ADDED",
                (true, true) => "MODIFIED",
                (true, false) => "DELETED",
                _ => null,
            };
            if (type is not null)
            {
                Write(type, change.Object);
            }
        }

        public void Write(string type, StoredObject item)
        {
            if (accepted.Form == AnswerForm.Object && Answers.IsAsStored(target, item))
            {
                Line(type, item.Json);
                return;
            }

            Line(type, JsonText.WriteBytes(answers.Shape(target, accepted, Answers.TreeOf(target, item), !_sentColumns)));
            _sentColumns = true;
        }

        public void Bookmark(long revision, bool endsInitial)
        {
            var metadata = YamlMap.Of(("resourceVersion", revision.ToString(CultureInfo.InvariantCulture)));
            if (endsInitial)
            {
                metadata = metadata.With("annotations", YamlMap.Of(("k8s.io/initial-events-end", "true")));
            }

            var item = YamlMap.Of(("kind", target.Resource.Kind), ("apiVersion", target.ApiVersion), ("metadata", metadata));
            Line("BOOKMARK", JsonText.WriteBytes(accepted.Form == AnswerForm.Object ? item : answers.Shape(target, accepted, item, false)));
        }

        public async Task ErrorAsync(ApiStatusException error, CancellationToken cancellation)
        {
            Line("ERROR", JsonText.WriteBytes(error.ToStatus()));
            await FlushAsync(cancellation).ConfigureAwait(false);
        }

        public async Task FlushAsync(CancellationToken cancellation)
        {
            if (!context.Response.HasStarted)
            {
                await context.Response.StartAsync(cancellation).ConfigureAwait(false);
            }

            await context.Response.BodyWriter.FlushAsync(cancellation).ConfigureAwait(false);
        }

        private void Line(string type, byte[] json)
        {
            var writer = context.Response.BodyWriter;
            var head = Encoding.ASCII.GetBytes($"{{\"type\":\"{type}\",\"object\":");
            var span = writer.GetSpan(head.Length + json.Length + 2);
            head.CopyTo(span);
            json.CopyTo(span[head.Length..]);
            "}\n"u8.CopyTo(span[(head.Length + json.Length)..]);
            writer.Advance(head.Length + json.Length + 2);
        }
    }
}
