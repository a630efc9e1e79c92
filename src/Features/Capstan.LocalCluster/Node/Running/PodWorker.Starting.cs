using Capstan.Containers;
using Capstan.Containers.Containers;
using Capstan.Containers.Images;
using Capstan.LocalCluster.ApiServer.Objects;
using Capstan.LocalCluster.Node.Pods;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.Node.Running;

/// <summary>The start of one container, with all that may go wrong.</summary>
internal sealed partial class PodWorker
{
    private static readonly TimeSpan HookLimit = TimeSpan.FromMinutes(2);

    private async Task StartAsync(Look look, ContainerEntry entry, CancellationToken cancellation)
    {
        var memory = Memory(entry);
        var last = look.Observed.Last(entry.Name);
        var now = node.Time.GetUtcNow();
        if (last is { Phase: ContainerPhase.Exited } && memory.Counted != last.Id)
        {
            memory.Counted = last.Id;
            memory.Fail(last.FinishedAt ?? now, firstIsFree: true);
        }

        if (now < memory.NotBefore)
        {
            BackOff(look, entry, memory, now);
            return;
        }

        try
        {
            if (await ImageAsync(look, entry, memory, cancellation).ConfigureAwait(false) is { } image)
            {
                await MakeAsync(look, entry, image, last is null ? 0 : last.AttemptOf() + 1, cancellation).ConfigureAwait(false);
                memory.Go();
                look.Next = TimeSpan.Zero;
            }
        }
        catch (PodProblemException problem)
        {
            Fail(look, entry, memory, problem, now);
        }
    }

    private void BackOff(Look look, ContainerEntry entry, ContainerMemory memory, DateTimeOffset now)
    {
        if (memory.Waiting is "ErrImagePull" or "ImagePullBackOff" or "ErrImageNeverPull")
        {
            if (memory.Waiting == "ErrImagePull")
            {
                memory.Wait("ImagePullBackOff", $"Back-off pulling image \"{entry.Image}\": {memory.Message}");
                node.Events.Record(look.Pod, isWarning: false, "BackOff", $"Back-off pulling image \"{entry.Image}\"", entry.FieldPath);
            }
        }
        else
        {
            if (memory.Waiting != "CrashLoopBackOff")
            {
                node.Events.Record(look.Pod, isWarning: true, "BackOff", $"Back-off restarting failed container {entry.Name} in pod {look.Pod.Name}_{look.Pod.Namespace}({uid})", entry.FieldPath);
            }

            memory.Wait("CrashLoopBackOff", $"back-off {GoText(memory.Delay)} restarting failed container={entry.Name} pod={look.Pod.Name}_{look.Pod.Namespace}({uid})");
        }

        look.Next = Shorter(look.Next, memory.NotBefore - now);
    }

    private void Fail(Look look, ContainerEntry entry, ContainerMemory memory, PodProblemException problem, DateTimeOffset now)
    {
        var repeated = memory.Waiting == problem.Reason && memory.Message == problem.Message;
        memory.Wait(problem.Reason, problem.Message);
        if (!repeated)
        {
            var message = problem.Reason == "ErrImagePull" ? $"Failed to pull image \"{entry.Image}\": {problem.Message}" : $"Error: {problem.Message}";
            node.Events.Record(look.Pod, isWarning: true, problem.Reason == "ErrImageNeverPull" ? problem.Reason : "Failed", message, entry.FieldPath);
        }

        // What is missing in the cluster may come at any time; a registry and a program that does not start are asked later and later.
        var wait = problem.Reason == "CreateContainerConfigError" ? RetryProblem : memory.Fail(now, firstIsFree: false);
        look.Next = Shorter(look.Next, problem.Reason is "ErrImagePull" ? TimeSpan.FromSeconds(1) : wait);
    }

    /// <summary>The image; null while it is being fetched.</summary>
    private async Task<ImageDetails?> ImageAsync(Look look, ContainerEntry entry, ContainerMemory memory, CancellationToken cancellation)
    {
        var policy = entry.Body.Text("imagePullPolicy") is { Length: > 0 } given ? given : "IfNotPresent";
        if (memory.Fetching is null)
        {
            memory.Fetching = node.Images.EnsureAsync(entry.Image, policy, PullSecrets.Find(node.Cluster, look.Pod, entry.Image), cancellation);
            var fetching = memory.Fetching;
            await Task.WhenAny(fetching, Task.Delay(TimeSpan.FromSeconds(1), node.Time, cancellation)).ConfigureAwait(false);
            if (!fetching.IsCompleted)
            {
                node.Events.Record(look.Pod, isWarning: false, "Pulling", $"Pulling image \"{entry.Image}\"", entry.FieldPath);
                _ = fetching.ContinueWith(_ => Wake(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }
        }

        if (!memory.Fetching.IsCompleted)
        {
            memory.Go();
            return null;
        }

        var done = memory.Fetching;
        memory.Fetching = null;
        var (image, pulled) = await done.ConfigureAwait(false);
        node.Events.Record(look.Pod, isWarning: false, "Pulled", pulled
            ? $"Successfully pulled image \"{entry.Image}\""
            : $"Container image \"{entry.Image}\" already present on machine", entry.FieldPath);
        return image;
    }

    private async Task MakeAsync(Look look, ContainerEntry entry, ImageDetails image, int attempt, CancellationToken cancellation)
    {
        var pod = look.Pod;
        var variables = new ContainerVariables(node.Cluster, pod, look.Fields).Of(entry.Body);
        var message = node.Folders.TerminationMessage(uid, entry.Name, attempt);
        await File.WriteAllBytesAsync(message, [], cancellation).ConfigureAwait(false);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(message, (UnixFileMode)0b110_110_110);
        }

        var spec = ContainerMaking.Spec(
            new ContainerNeeds(pod, entry, attempt, image, look.SandboxId, variables, look.Volumes, await EtcFilesAsync(pod, cancellation).ConfigureAwait(false), message)
            {
                ProcessesOf = entry.Body.Text("targetContainerName") is { Length: > 0 } target ? look.Observed.Last(target)?.Id ?? "" : pod.Spec.IsTrue("shareProcessNamespace") ? look.SandboxId : "",
            }, NamePrefix(pod));
        string id;
        try
        {
            id = await node.Engine.Containers.CreateAsync(spec, cancellation).ConfigureAwait(false);
        }
        catch (ContainerEngineException failure)
        {
            throw new PodProblemException("CreateContainerError", failure.Message);
        }

        node.Events.Record(pod, isWarning: false, "Created", $"Created container: {entry.Name}", entry.FieldPath);
        try
        {
            await node.Engine.Containers.StartAsync(id, cancellation).ConfigureAwait(false);
        }
        catch (ContainerEngineException failure)
        {
            await node.Engine.Containers.RemoveAsync(id, cancellation).ConfigureAwait(false);
            throw new PodProblemException("RunContainerError", failure.Message);
        }

        node.Events.Record(pod, isWarning: false, "Started", $"Started container {entry.Name}", entry.FieldPath);
        await ForgetOldAttemptsAsync(look.Observed, entry, cancellation).ConfigureAwait(false);
        if (entry.Body.MapAt("lifecycle")["postStart"] is YamlMap hook)
        {
            await AfterStartAsync(pod, entry, id, hook, cancellation).ConfigureAwait(false);
        }
    }

    private async Task AfterStartAsync(KubernetesObject pod, ContainerEntry entry, string id, YamlMap hook, CancellationToken cancellation)
    {
        var result = await actions.RunAsync(entry.Body, id, _podIp, hook, HookLimit, cancellation).ConfigureAwait(false);
        if (!result.Succeeded)
        {
            node.Events.Record(pod, isWarning: true, "FailedPostStartHook", $"PostStartHook failed: {result.Message}", entry.FieldPath);
            await node.Engine.Containers.StopAsync(id, Grace(pod), cancellation).ConfigureAwait(false);
        }
    }

    private async Task<Dictionary<string, string>> EtcFilesAsync(KubernetesObject pod, CancellationToken cancellation)
    {
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!pod.Spec.IsTrue("hostNetwork"))
        {
            files["/etc/hosts"] = node.Folders.File(uid, "hosts");
            await File.WriteAllTextAsync(files["/etc/hosts"], PodFiles.Hosts(pod, _podIp), cancellation).ConfigureAwait(false);
        }

        if (PodFiles.Resolver(pod, node.Dns) is { } resolver)
        {
            files["/etc/resolv.conf"] = node.Folders.File(uid, "resolv.conf");
            await File.WriteAllTextAsync(files["/etc/resolv.conf"], resolver, cancellation).ConfigureAwait(false);
        }

        return files;
    }

    // The last end is kept, for logs and for the pod's status; what came before goes.
    private async Task ForgetOldAttemptsAsync(PodObservation observed, ContainerEntry entry, CancellationToken cancellation)
    {
        foreach (var old in observed.Containers.GetValueOrDefault(entry.Name)?.Skip(1) ?? [])
        {
            await node.Engine.Containers.RemoveAsync(old.Id, cancellation).ConfigureAwait(false);
        }
    }

    private static string GoText(TimeSpan time) => time.TotalSeconds < 60
        ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{time.TotalSeconds:0}s")
        : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{(int)time.TotalMinutes}m{time.Seconds}s");
}
