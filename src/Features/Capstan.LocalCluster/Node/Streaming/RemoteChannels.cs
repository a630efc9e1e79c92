namespace Capstan.LocalCluster.Node.Streaming;

/// <summary>The streams of a remote command, numbered as Kubernetes' channels are (apimachinery, pkg/util/remotecommand).</summary>
internal enum RemoteChannel : byte
{
    Input = 0,
    Output = 1,
    Error = 2,
    Status = 3,
    Resize = 4,
}

/// <summary>What came from the caller.</summary>
/// <param name="Channel">On which channel.</param>
/// <param name="Bytes">What; valid until the next read.</param>
/// <param name="Ended">Whether the channel was closed by the caller.</param>
internal readonly record struct RemoteInput(RemoteChannel Channel, ReadOnlyMemory<byte> Bytes, bool Ended);

/// <summary>The connection over which a remote command is spoken with its caller, whatever the protocol.</summary>
internal interface IRemoteChannels
{
    /// <summary>What comes next from the caller; null when the caller went away.</summary>
    ValueTask<RemoteInput?> ReadAsync(CancellationToken cancellation);

    /// <summary>Sends to the caller. May be called by several at the same time.</summary>
    ValueTask WriteAsync(RemoteChannel channel, ReadOnlyMemory<byte> bytes, CancellationToken cancellation);

    /// <summary>Ends the conversation.</summary>
    ValueTask CloseAsync(CancellationToken cancellation);
}
