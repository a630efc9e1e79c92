using System.Text;
using Capstan.Containers.Containers;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.Resources;

namespace Capstan.LocalCluster.Node.Pods;

/// <summary>What containers wrote about their end.</summary>
internal static class TerminationMessages
{
    // kubelet: MaxContainerTerminationMessageLength, and …LogLength and …LogLines for what is taken from the log instead.
    private const int MostBytes = 4096;
    private const int MostLogBytes = 2048;
    private const int MostLogLines = 80;

    /// <summary>The message of each container that has ended, by the engine's id.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> ReadAsync(NodeParts node, KubernetesObject pod, PodObservation observed, CancellationToken cancellation)
    {
        var messages = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in ContainerEntry.Of(pod))
        {
            foreach (var ended in (observed.Containers.GetValueOrDefault(entry.Name) ?? []).Where(c => c.Phase == ContainerPhase.Exited))
            {
                var text = await FileAsync(node.Folders.TerminationMessage(pod.Uid, entry.Name, ended.AttemptOf()), cancellation).ConfigureAwait(false);
                if (text.Length == 0 && ended.ExitCode != 0 && entry.Body.Text("terminationMessagePolicy") == "FallbackToLogsOnError")
                {
                    text = await LogAsync(node, ended.Id, cancellation).ConfigureAwait(false);
                }

                messages[ended.Id] = text;
            }
        }

        return messages;
    }

    private static async Task<string> FileAsync(string path, CancellationToken cancellation)
    {
        // The container may have put something else there.
        if (!File.Exists(path) || new FileInfo(path).LinkTarget is not null)
        {
            return "";
        }

        var file = File.OpenRead(path);
        await using var disposing = file.ConfigureAwait(false);
        var buffer = new byte[MostBytes];
        var read = await file.ReadAtLeastAsync(buffer, MostBytes, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
        return Encoding.UTF8.GetString(buffer, 0, read);
    }

    private static async Task<string> LogAsync(NodeParts node, string id, CancellationToken cancellation)
    {
        var text = new MemoryStream();
        using var stream = await node.Engine.Containers.LogsAsync(id, new LogQuery { Tail = MostLogLines }, cancellation).ConfigureAwait(false);
        await stream.ReadAllAsync((piece, _) =>
        {
            text.Write(piece.Bytes.Span);
            return ValueTask.CompletedTask;
        }, cancellation).ConfigureAwait(false);
        var bytes = text.ToArray();
        return Encoding.UTF8.GetString(bytes.Length > MostLogBytes ? bytes[^MostLogBytes..] : bytes);
    }
}
