namespace Capstan.LocalCluster.Tests.Node;

/// <summary>Pods as people see them through kubectl, with real containers behind.</summary>
public sealed class PodTests(PodWorld world) : IClassFixture<PodWorld>
{
    private const string Image = Testing.BusyboxImage.Name;

    [Fact]
    public async Task A_pod_has_its_variables_volumes_and_limits_and_can_be_spoken_with()
    {
        await world.KubectlAsync($$$"""
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: conf}
            data: {colour: green, file.txt: "first\n"}
            ---
            apiVersion: v1
            kind: Secret
            metadata: {name: hidden}
            stringData: {word: sesame}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: whole, labels: {tier: front}}
            spec:
              initContainers:
              - name: prepare
                image: {{{Image}}}
                command: [sh, -c, "echo prepared by $(WHO) > /scratch/note"]
                env: [{name: WHO, value: init}]
                volumeMounts: [{name: work, mountPath: /scratch}]
              containers:
              - name: main
                image: {{{Image}}}
                command: [sh, -c]
                args: ["echo $COLOUR $(WORD) $$(echo escaped) $POD $CPU; cat /scratch/note /conf/file.txt; exec sleep 3600"]
                env:
                - {name: WORD, valueFrom: {secretKeyRef: {name: hidden, key: word} }}
                - {name: COLOUR, valueFrom: {configMapKeyRef: {name: conf, key: colour} }}
                - {name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name} }}
                - {name: CPU, valueFrom: {resourceFieldRef: {resource: limits.cpu, divisor: 1m} }}
                resources: {limits: {cpu: 250m, memory: 64Mi}}
                securityContext: {runAsUser: 1000, runAsGroup: 1000, allowPrivilegeEscalation: false}
                volumeMounts: [{name: work, mountPath: /scratch}, {name: conf, mountPath: /conf}, {name: labels, mountPath: /labels}]
              volumes:
              - {name: work, emptyDir: {}}
              - {name: conf, configMap: {name: conf}}
              - {name: labels, downwardAPI: {items: [{path: labels, fieldRef: {fieldPath: metadata.labels} }]} }
            """, "apply", "-f", "-");
        await world.KubectlAsync("", "wait", "--for=condition=Ready", "pod/whole", "--timeout=50s");

        Assert.Equal("green sesame escaped whole 250\nprepared by init\nfirst\n", await world.KubectlAsync("", "logs", "whole"));
        Assert.Equal("1000\nwhole\ntier=\"front\"\n", await world.KubectlAsync("", "exec", "whole", "--", "sh", "-c", "id -u; hostname; cat /labels/labels"));
        Assert.Equal("typed", await world.KubectlAsync("typed", "exec", "-i", "whole", "--", "cat"));
        var (code, _, error) = await world.RunAsync("", "exec", "whole", "--", "sh", "-c", "exit 7");
        Assert.Equal(7, code);
        Assert.Contains("exit code 7", error);

        await world.KubectlAsync("", "patch", "configmap", "conf", "-p", """{"data":{"file.txt":"second\n"}}""");
        await world.UntilAsync(text => text == "second\n", "exec", "whole", "--", "cat", "/conf/file.txt");

        var file = Path.Combine(Path.GetTempPath(), $"capstan-cp-{Guid.NewGuid():N}");
        await File.WriteAllTextAsync(file, "carried\n", TestContext.Current.CancellationToken);
        await world.KubectlAsync("", "cp", file, "whole:/tmp/there");
        Assert.Equal("carried\n", await world.KubectlAsync("", "exec", "whole", "--", "cat", "/tmp/there"));
        await world.KubectlAsync("", "cp", "whole:/tmp/there", file + ".back");
        Assert.Equal("carried\n", await File.ReadAllTextAsync(file + ".back", TestContext.Current.CancellationToken));
        File.Delete(file);
        File.Delete(file + ".back");

        await world.KubectlAsync("", "delete", "pod", "whole", "--grace-period=1");
        await world.UntilAsync(text => text.Length == 0, "get", "pods", "whole", "--ignore-not-found");
    }

    [Theory]
    [InlineData("crash", "command: [sh, -c, 'echo why > /dev/termination-log; exit 4']", "CrashLoopBackOff|Error|4|why")]
    [InlineData("hungry", "command: [dd, if=/dev/zero, of=/dev/null, bs=200M, count=1], resources: {limits: {memory: 32Mi}}", "CrashLoopBackOff|OOMKilled|137|")]
    [InlineData("missing", "image: 'localhost/nothing:1'", "ImagePullBackOff|||")]
    [InlineData("never", "image: 'localhost/nothing:2', imagePullPolicy: Never", "ErrImageNeverPull|||")]
    [InlineData("unset", "command: [sleep, '1'], env: [{name: X, valueFrom: {secretKeyRef: {name: nowhere, key: x}}}]", "CreateContainerConfigError|||")]
    [InlineData("program", "command: [/bin/not-there]", "CrashLoopBackOff|||")]
    [InlineData("absolute", "command: [sleep, '1'], env: [{name: GONE, value: ''}], volumeMounts: [{name: v, mountPath: /v, subPathExpr: $(GONE)/x}]}], volumes: [{name: v, emptyDir: {}", "CreateContainerConfigError|||")]
    [InlineData("root", "command: [sleep, '1'], securityContext: {runAsNonRoot: true}", "CreateContainerConfigError|||")]
    public async Task What_goes_wrong_has_Kubernetes_own_words(string name, string container, string expected)
    {
        var image = container.StartsWith("image:", StringComparison.Ordinal) ? container : $"image: {Image}, {container}";
        await world.KubectlAsync($$$"""
            apiVersion: v1
            kind: Pod
            metadata: {name: {{{name}}} }
            spec: {containers: [{name: c, {{{image}}} }]}
            """, "apply", "-f", "-");
        const string path = "jsonpath={.status.containerStatuses[0].state.waiting.reason}|{.status.containerStatuses[0].lastState.terminated.reason}|{.status.containerStatuses[0].lastState.terminated.exitCode}|{.status.containerStatuses[0].lastState.terminated.message}";
        await world.UntilAsync(text => text.Trim() == expected, "get", "pod", name, "-o", path);
        await world.KubectlAsync("", "delete", "pod", name, "--force", "--grace-period=0");
    }

    [Fact]
    public async Task A_container_that_ended_is_started_again_and_what_it_said_before_can_be_read()
    {
        await world.KubectlAsync($$$"""
            apiVersion: v1
            kind: Pod
            metadata: {name: again}
            spec:
              containers:
              - {name: c, image: {{{Image}}}, command: [sh, -c, "test -f /keep/x && exec sleep 3600; touch /keep/x; echo first time; exit 1"], volumeMounts: [{name: keep, mountPath: /keep}]}
              volumes: [{name: keep, emptyDir: {}}]
            """, "apply", "-f", "-");
        await world.UntilAsync(text => text == "1 true", "get", "pod", "again", "-o", "jsonpath={.status.containerStatuses[0].restartCount} {.status.containerStatuses[0].ready}");
        Assert.Equal("first time\n", await world.KubectlAsync("", "logs", "again", "--previous"));
        await world.KubectlAsync("", "delete", "pod", "again", "--force", "--grace-period=0");
    }

    [Fact]
    public async Task Probes_hold_traffic_back_and_end_what_no_longer_lives()
    {
        await world.KubectlAsync($$$"""
            apiVersion: v1
            kind: Pod
            metadata: {name: probed}
            spec:
              containers:
              - name: c
                image: {{{Image}}}
                command: [sh, -c, "touch /tmp/alive; mkdir /www; httpd -p 8080 -h /www; exec sleep 3600"]
                ports: [{name: http, containerPort: 8080}]
                startupProbe: {tcpSocket: {port: http}, periodSeconds: 1, failureThreshold: 30}
                readinessProbe: {httpGet: {port: http, path: /ready}, periodSeconds: 1, failureThreshold: 1}
                livenessProbe: {exec: {command: [test, -f, /tmp/alive]}, periodSeconds: 1, failureThreshold: 1}
            """, "apply", "-f", "-");
        await world.UntilAsync(text => text == "true false", "get", "pod", "probed", "-o", "jsonpath={.status.containerStatuses[0].started} {.status.containerStatuses[0].ready}");
        await world.KubectlAsync("", "exec", "probed", "--", "touch", "/www/ready");
        await world.UntilAsync(text => text == "True", "get", "pod", "probed", "-o", "jsonpath={.status.conditions[?(@.type=='Ready')].status}");
        await world.KubectlAsync("", "exec", "probed", "--", "rm", "/tmp/alive");
        await world.UntilAsync(text => text == "1", "get", "pod", "probed", "-o", "jsonpath={.status.containerStatuses[0].restartCount}");
        var events = await world.UntilAsync(text => text.Contains("failed liveness probe, will be restarted"), "get", "events", "--field-selector", "involvedObject.name=probed");
        Assert.Contains("Readiness probe failed: HTTP probe failed with statuscode: 404", events);
        await world.KubectlAsync("", "delete", "pod", "probed", "--force", "--grace-period=0");
    }

    [Fact]
    public async Task A_job_runs_to_its_end_with_a_sidecar_that_ends_with_it()
    {
        await world.KubectlAsync($$$"""
            apiVersion: batch/v1
            kind: Job
            metadata: {name: once}
            spec:
              template:
                spec:
                  restartPolicy: Never
                  initContainers: [{name: beside, image: {{{Image}}}, restartPolicy: Always, command: [sh, -c, "trap 'exit 0' TERM; while true; do sleep 0.1; done"]}]
                  containers: [{name: c, image: {{{Image}}}, command: [sh, -c, "echo worked"]}]
            """, "apply", "-f", "-");
        await world.KubectlAsync("", "wait", "--for=condition=Complete", "job/once", "--timeout=50s");
        Assert.Equal("worked\n", await world.KubectlAsync("", "logs", "job/once", "-c", "c"));
        await world.UntilAsync(text => text == "Succeeded Completed", "get", "pods", "-l", "batch.kubernetes.io/job-name=once", "-o",
            "jsonpath={.items[0].status.phase} {.items[0].status.containerStatuses[0].state.terminated.reason}");
        await world.KubectlAsync("", "delete", "job", "once");
    }

    [Theory]
    [InlineData("hostNetwork: true", "", "spec.hostNetwork")]
    [InlineData("hostPID: true", "", "spec.hostPID")]
    [InlineData("hostIPC: true", "", "spec.hostIPC")]
    [InlineData("", "securityContext: {privileged: true}", "spec.containers[c].securityContext.privileged")]
    [InlineData("", "securityContext: {capabilities: {add: [SYS_ADMIN]}}", "spec.containers[c].securityContext.capabilities.add (SYS_ADMIN)")]
    [InlineData("", "securityContext: {seccompProfile: {type: Unconfined}}", "spec.containers[c].securityContext.seccompProfile (Unconfined)")]
    public async Task What_would_own_the_machine_is_refused_and_the_flag_is_named(string pod, string container, string field)
    {
        var name = $"bold-{Guid.NewGuid().ToString("N")[..6]}";
        await world.KubectlAsync($$$"""
            apiVersion: v1
            kind: Pod
            metadata: {name: {{{name}}} }
            spec:
              {{{pod}}}
              containers: [{name: c, image: {{{Image}}}, command: [sleep, "3600"]{{{(container.Length > 0 ? ", " + container : "")}}} }]
            """, "apply", "-f", "-");
        var message = await world.UntilAsync(text => text.Length > 0, "get", "pod", name, "-o", "jsonpath={.status.containerStatuses[0].state.waiting.message}");
        Assert.Contains(field, message);
        Assert.Contains("--allow-privileged-pods", message);
        Assert.DoesNotContain(await world.Engine.Containers.ListAsync(null, TestContext.Current.CancellationToken), c => c.Labels.GetValueOrDefault("dev.capstan.pod.name") == name);
        await world.KubectlAsync("", "delete", "pod", name, "--force", "--grace-period=0");
    }

    [Fact]
    public async Task A_path_of_the_host_lies_beneath_the_data_folder_and_nobody_gets_the_engines_socket()
    {
        var socket = world.Missing.Length > 0 ? "/x" : world.Engine.Info.SocketPath;
        await world.KubectlAsync($$$"""
            apiVersion: v1
            kind: Pod
            metadata: {name: bound}
            spec:
              containers: [{name: c, image: {{{Image}}}, command: [sh, -c, "echo x > /etc-of-host/mark; exec sleep 3600"], volumeMounts: [{name: etc, mountPath: /etc-of-host}, {name: sock, mountPath: /engine}]}]
              volumes: [{name: etc, hostPath: {path: /etc}}, {name: sock, hostPath: {path: "{{{Path.GetDirectoryName(socket)}}}"}}]
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: climbing}
            spec:
              containers: [{name: c, image: {{{Image}}}, command: [sleep, "1"], volumeMounts: [{name: up, mountPath: /up}]}]
              volumes: [{name: up, hostPath: {path: /../../etc}}]
            """, "apply", "-f", "-");
        await world.KubectlAsync("", "wait", "--for=condition=Ready", "pod/bound", "--timeout=50s");
        await world.UntilAsync(text => text == "x\n", "exec", "bound", "--", "cat", "/etc-of-host/mark");
        Assert.Equal("x\n", await File.ReadAllTextAsync(Path.Combine(world.DataFolder, "hostpath", "etc", "mark"), TestContext.Current.CancellationToken));
        Assert.Equal("", await world.KubectlAsync("", "exec", "bound", "--", "ls", "/engine"));
        await world.UntilAsync(text => text.Contains("leaves the folder"), "get", "events", "--field-selector", "involvedObject.name=climbing");

        foreach (var summary in await world.Engine.Containers.ListAsync(null, TestContext.Current.CancellationToken))
        {
            if (await world.Engine.Containers.InspectAsync(summary.Id, TestContext.Current.CancellationToken) is not { } container) continue;
            Assert.All(container.MountSources, mount => Assert.False(socket == mount.Value || socket.StartsWith(mount.Value.TrimEnd('/') + "/", StringComparison.Ordinal), $"{container.Name}: {mount.Key} is {mount.Value}"));
        }

        await world.KubectlAsync("", "delete", "pod", "bound", "climbing", "--force", "--grace-period=0");
    }

    [Fact]
    public async Task After_a_restart_containers_are_taken_over_and_those_of_pods_that_are_gone_are_removed()
    {
        await world.KubectlAsync($$$"""
            apiVersion: v1
            kind: Pod
            metadata: {name: stays}
            spec: {containers: [{name: c, image: {{{Image}}}, command: [sleep, "3600"]}]}
            """, "apply", "-f", "-");
        await world.KubectlAsync("", "wait", "--for=condition=Ready", "pod/stays", "--timeout=50s");
        var before = await world.KubectlAsync("", "get", "pod", "stays", "-o", "jsonpath={.status.containerStatuses[0].containerID}");

        var orphan = await world.Engine.Containers.CreateAsync(new Containers.Containers.ContainerSpec
        {
            Name = $"orphan-{Guid.NewGuid():N}",
            Image = Image,
            Labels = new Dictionary<string, string> { ["dev.capstan.pod.uid"] = "gone" },
        }, TestContext.Current.CancellationToken);
        using var other = await Testing.OwnPodman.EngineAsync("somebody-else");
        var foreign = await other.Containers.CreateAsync(new Containers.Containers.ContainerSpec
        {
            Name = $"foreign-{Guid.NewGuid():N}",
            Image = Image,
            Labels = new Dictionary<string, string> { ["dev.capstan.pod.uid"] = "gone" },
        }, TestContext.Current.CancellationToken);

        await world.StopAsync();
        await world.StartAsync();
        await world.UntilAsync(text => text == "True", "get", "pod", "stays", "-o", "jsonpath={.status.conditions[?(@.type=='Ready')].status}");
        Assert.Equal(before, await world.KubectlAsync("", "get", "pod", "stays", "-o", "jsonpath={.status.containerStatuses[0].containerID}"));
        var deadline = DateTime.UtcNow.AddSeconds(60);
        while (await world.Engine.Containers.InspectAsync(orphan, TestContext.Current.CancellationToken) is not null)
        {
            Assert.True(DateTime.UtcNow < deadline, "the container of a pod that is gone is still there");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        Assert.NotNull(await other.Containers.InspectAsync(foreign, TestContext.Current.CancellationToken));
        await other.Containers.RemoveAsync(foreign, TestContext.Current.CancellationToken);
        await world.KubectlAsync("", "delete", "pod", "stays", "--force", "--grace-period=0");
    }
}
