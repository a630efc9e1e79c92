using System.Buffers;
using System.IO.Pipelines;
using Capstan.LocalCluster.Node.Streaming.Spdy;

namespace Capstan.LocalCluster.Tests.Node;

/// <summary>A SPDY connection, frame by frame.</summary>
public class SpdyConnectionTests
{
    // SYN_STREAM 1 {"streamtype": "data", "port": "80"}
    private const string Opening = "800300010000002d" + "00000001000000000000" + "78f9e3c6a7c202e50e703a2b294a4dcc452a4a1221a57211280533591800000000ffff";

    // SYN_REPLY 1 without headers.
    private const string Reply = "8003000200000014" + "00000001" + "7801" + "000400fbff00000000" + "000000ffff";

    private readonly Pipe _inward = new();
    private readonly Pipe _outward = new();

    [Fact]
    public async Task A_stream_is_opened_answered_read_and_ended()
    {
        await using var connection = new SpdyConnection(new Both(_inward.Reader.AsStream(), _outward.Writer.AsStream()));
        var running = connection.RunAsync(Token);
        await SendAsync(Opening);
        await SaysAsync(Reply);
        var stream = await connection.OpenedAsync(Token).FirstAsync(Token);
        Assert.Equal((1, "80"), (stream.Id, stream.Headers["port"]));

        await SendAsync("00000001" + "01000002" + "6869");
        var read = await stream.Input.ReadAtLeastAsync(3, Token);
        Assert.True(read.IsCompleted);
        Assert.Equal("hi", System.Text.Encoding.ASCII.GetString(read.Buffer.ToArray()));

        await stream.WriteAsync("yo"u8.ToArray(), Token);
        await stream.CloseOutputAsync(Token);
        await SaysAsync("00000001" + "00000002" + "796f" + "00000001" + "01000000");
        await _inward.Writer.CompleteAsync();
        await running;
    }

    [Fact]
    public async Task A_ping_comes_back_and_what_is_unknown_is_passed_over()
    {
        await using var connection = new SpdyConnection(new Both(_inward.Reader.AsStream(), _outward.Writer.AsStream()));
        var running = connection.RunAsync(Token);
        await SendAsync("8003000400000000" + "80030009000000080000000100000001" + "800300060000000400000005");
        await SaysAsync("800300060000000400000005");
        await _inward.Writer.CompleteAsync();
        await running;
    }

    [Fact]
    public async Task A_stream_that_is_open_already_is_refused()
    {
        await using var connection = new SpdyConnection(new Both(_inward.Reader.AsStream(), _outward.Writer.AsStream()));
        var running = connection.RunAsync(Token);
        await SendAsync(Opening);
        await SaysAsync(Reply);
        await SendAsync("8003000100000013" + "00000001000000000000" + "000400fbff00000000");
        await SaysAsync("8003000300000008" + "00000001" + "00000003");
        await _inward.Writer.CompleteAsync();
        await running;
    }

    [Theory]
    [InlineData("800300ff00ffffff")]
    [InlineData("8003")]
    [InlineData("8003000100000010" + "00000001000000000000" + "ffffffffffff")]
    public async Task What_is_not_SPDY_ends_the_connection(string bytes)
    {
        await using var connection = new SpdyConnection(new Both(_inward.Reader.AsStream(), _outward.Writer.AsStream()));
        var running = connection.RunAsync(Token);
        await SendAsync(bytes);
        await _inward.Writer.CompleteAsync();
        await Assert.ThrowsAsync<InvalidDataException>(() => running);
        Assert.False(await connection.OpenedAsync(Token).AnyAsync(Token));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private async Task SendAsync(string bytes) => await _inward.Writer.WriteAsync(Convert.FromHexString(bytes), Token);

    private async Task SaysAsync(string expected)
    {
        var read = await _outward.Reader.ReadAtLeastAsync(expected.Length / 2, Token);
        Assert.Equal(expected, Convert.ToHexString(read.Buffer.ToArray()).ToLowerInvariant());
        _outward.Reader.AdvanceTo(read.Buffer.End);
    }

    private sealed class Both(Stream input, Stream output) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => input.ReadAsync(buffer, cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => output.WriteAsync(buffer, cancellationToken);

        public override Task FlushAsync(CancellationToken cancellationToken) => output.FlushAsync(cancellationToken);

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
