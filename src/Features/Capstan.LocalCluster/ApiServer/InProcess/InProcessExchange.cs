using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Capstan.LocalCluster.ApiServer.InProcess;

/// <summary>One request within the process and its answer, which the caller reads while it is written: a watch has no end.</summary>
internal sealed class InProcessExchange : IHttpRequestFeature, IHttpResponseFeature, IHttpResponseBodyFeature, IHttpRequestLifetimeFeature, IDisposable
{
    // As many bytes of an answer as wait for a slow reader; a watch that is further behind waits, and is told 410 when history has moved on.
    private static readonly PipeOptions Buffer = new(pauseWriterThreshold: 256 * 1024, resumeWriterThreshold: 64 * 1024, useSynchronizationContext: false);

    private readonly CancellationTokenSource _aborted = new();
    private readonly TaskCompletionSource<HttpResponseMessage> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Pipe _pipe = new(Buffer);
    private readonly StartingWriter _writer;
    private readonly DefaultHttpContext _context;
    private Stream? _stream;

    public InProcessExchange(HttpRequestMessage request, Stream body)
    {
        var target = request.RequestUri!;
        (Method, Body, RawTarget) = (request.Method.Method, body, target.PathAndQuery);
        (Path, QueryString, Scheme) = (Uri.UnescapeDataString(target.AbsolutePath), target.Query, target.Scheme);
        foreach (var header in request.Headers.NonValidated)
        {
            RequestHeaders[header.Key] = header.Value.ToString();
        }

        RequestHeaders.Host = target.Authority;
        if (request.Content is { } content)
        {
            foreach (var header in content.Headers.NonValidated)
            {
                RequestHeaders[header.Key] = header.Value.ToString();
            }

            RequestHeaders.ContentLength = content.Headers.ContentLength;
        }

        _writer = new StartingWriter(_pipe.Writer, Start);
        var features = new FeatureCollection(8);
        features.Set<IHttpRequestFeature>(this);
        features.Set<IHttpResponseFeature>(this);
        features.Set<IHttpResponseBodyFeature>(this);
        features.Set<IHttpRequestLifetimeFeature>(this);
        _context = new DefaultHttpContext(features);
    }

    /// <summary>Has the request answered; ends when the answer begins.</summary>
    /// <exception cref="OperationCanceledException">The caller went away before that.</exception>
    public async Task<HttpResponseMessage> RunAsync(RequestDelegate application, CancellationToken cancellation)
    {
        var answering = AnswerAsync(application);
        if (!_answer.Task.IsCompleted)
        {
            await Task.WhenAny(_answer.Task, answering).WaitAsync(cancellation).ConfigureAwait(false);
        }

        // A caller that went away gets no answer; the pipeline ended without a word then.
        cancellation.ThrowIfCancellationRequested();
        return await _answer.Task.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Abort()
    {
        try
        {
            _aborted.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It was over already.
        }
    }

    // Whatever ends the pipeline ends the answer too, so that nobody waits for the rest of it.
    private async Task AnswerAsync(RequestDelegate application)
    {
        Exception? failure = null;
        try
        {
            await application(_context).ConfigureAwait(false);
            if (!_aborted.IsCancellationRequested)
            {
                Start();
            }
        }
        catch (Exception error)
        {
            // The edge: the caller reads of it as of a broken connection.
            failure = error;
        }

        failure ??= _aborted.IsCancellationRequested ? new IOException("the answer was broken off") : null;
        await _pipe.Writer.CompleteAsync(failure).ConfigureAwait(false);
        if (failure is not null)
        {
            _answer.TrySetException(new HttpRequestException(HttpRequestError.ResponseEnded, failure.Message, failure));
            _ = _answer.Task.Exception;
        }

        Dispose();
    }

    /// <summary>Called when the pipeline has ended; the answer may be read on.</summary>
    public void Dispose() => _aborted.Dispose();

    // The status and the headers are final from here on.
    private void Start()
    {
        if (HasStarted)
        {
            return;
        }

        HasStarted = true;
        // To HEAD a server answers with headers alone; the length is that which GET would have.
        var content = HttpMethods.IsHead(Method) ? new StreamContent(Stream.Null) : new StreamContent(new AnswerStream(_pipe.Reader, Abort));
        var response = new HttpResponseMessage((HttpStatusCode)StatusCode) { Version = HttpVersion.Version20, Content = content };
        foreach (var (name, values) in ResponseHeaders)
        {
            if (!response.Headers.TryAddWithoutValidation(name, values.AsEnumerable()))
            {
                response.Content.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
            }
        }

        if (!_answer.TrySetResult(response))
        {
            response.Dispose();
        }
    }

    // ---- The request.

    public string Protocol { get; set; } = "HTTP/2";

    public string Scheme { get; set; }

    public string Method { get; set; }

    public string PathBase { get; set; } = "";

    public string Path { get; set; }

    public string QueryString { get; set; }

    public string RawTarget { get; set; }

    public Stream Body { get; set; }

    public IHeaderDictionary RequestHeaders { get; } = new HeaderDictionary();

    IHeaderDictionary IHttpRequestFeature.Headers { get => RequestHeaders; set => throw new NotSupportedException(); }

    // ---- The answer.

    public int StatusCode { get; set; } = StatusCodes.Status200OK;

    public string? ReasonPhrase { get; set; }

    public bool HasStarted { get; private set; }

    public IHeaderDictionary ResponseHeaders { get; } = new HeaderDictionary();

    IHeaderDictionary IHttpResponseFeature.Headers { get => ResponseHeaders; set => throw new NotSupportedException(); }

    // The body goes through the writer; this is the older way to name it.
    Stream IHttpResponseFeature.Body { get => Stream; set => throw new NotSupportedException(); }

    public PipeWriter Writer => _writer;

    public Stream Stream => _stream ??= _writer.AsStream(leaveOpen: true);

    public void OnStarting(Func<object, Task> callback, object state) => throw new NotSupportedException("nothing in the API server asks for this");

    public void OnCompleted(Func<object, Task> callback, object state) => throw new NotSupportedException("nothing in the API server asks for this");

    public void DisableBuffering()
    {
        // What is flushed is there at once.
    }

    public Task StartAsync(CancellationToken cancellationToken = default)
    {
        Start();
        return Task.CompletedTask;
    }

    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("nothing in the API server sends files");

    public Task CompleteAsync()
    {
        Start();
        return Task.CompletedTask;
    }

    // ---- Its life.

    public CancellationToken RequestAborted { get => _aborted.Token; set => throw new NotSupportedException(); }
}
