using Capstan.LocalCluster.Controllers;
using Capstan.LocalCluster.Controllers.Accounts;
using Capstan.LocalCluster.Controllers.Deletion;
using Capstan.LocalCluster.Controllers.Networking;
using Capstan.LocalCluster.Controllers.Policies;
using Capstan.LocalCluster.Controllers.Volumes;
using Capstan.LocalCluster.Controllers.Workloads;
using Capstan.LocalCluster.Node;
using Capstan.Resources;
using Capstan.Yaml;
using LabelSelector = Capstan.LocalCluster.ApiServer.Objects.LabelSelector;

namespace Capstan.LocalCluster.Tests.Controllers;

/// <summary>A cluster of nothing but objects and controllers: writes take effect at once, time moves by hand.</summary>
internal sealed class ControllerWorld : IClusterView
{
    private readonly Dictionary<ObjectKey, KubernetesObject> _objects = [];
    private readonly List<IController> _controllers;
    private int _names;
    private int _uids;

    public ControllerWorld(bool withNode = true)
    {
        _controllers =
        [
            new DeploymentController(), new ReplicaSetController(), new JobController(), new NamespaceController(), new StatefulSetController(), new DaemonSetController(),
            new CronJobController(), new EndpointController(), new ClaimController(), new VolumeController(), new DisruptionController(), new AutoscalerController(),
        ];
        if (withNode)
        {
            _controllers.Add(new SimulatedNode());
        }
    }

    public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The most pods that were there at any moment, finished ones not counted.</summary>
    public int MostPods { get; private set; }

    /// <summary>The fewest available pods since the last <see cref="Watch"/>.</summary>
    public int FewestAvailable { get; private set; } = int.MaxValue;

    public IEnumerable<KubernetesObject> All(GroupKind kind) => _objects.Values.Where(o => o.GroupKind == kind);

    public KubernetesObject Only(GroupKind kind) => Assert.Single(All(kind));

    public void Watch() => (MostPods, FewestAvailable) = (0, int.MaxValue);

    /// <summary>Makes an object, or replaces its spec and so raises its generation.</summary>
    public KubernetesObject Put(string json)
    {
        var wanted = new KubernetesObject((YamlMap)JsonText.Read(json));
        if (_objects.TryGetValue(wanted.Key, out var known))
        {
            var changed = known.With(["spec"], wanted.Spec);
            return _objects[wanted.Key] = changed.With(["metadata", "generation"], known.Generation + 1);
        }

        return Insert(wanted);
    }

    /// <summary>Marks an object as being deleted, or takes it away when nothing holds it.</summary>
    public void Delete(KubernetesObject subject, bool now = false)
    {
        var live = _objects[subject.Key];
        var held = live.Finalizers.Any() || (live.Spec["finalizers"] is YamlList { Count: > 0 })
            || (live.GroupKind == Kinds.Pod && !now && live.Spec.Text("nodeName").Length > 0);
        if (held)
        {
            _objects[subject.Key] = live.With(["metadata", "deletionTimestamp"], ObjectFields.Timestamp(Now));
        }
        else
        {
            _objects.Remove(subject.Key);
        }
    }

    /// <summary>Takes an object's finalizers away, as whoever set them would; one that is being deleted goes.</summary>
    public void Release(ObjectKey key)
    {
        _objects[key] = _objects[key].Without("metadata", "finalizers");
        if (_objects[key].DeletionTimestamp is not null)
        {
            _objects.Remove(key);
        }
    }

    /// <summary>Runs every controller over every object until nobody wants anything more.</summary>
    public int Settle()
    {
        for (var round = 0; round < 200; round++)
        {
            var writes = Round();
            if (writes == 0)
            {
                return round;
            }
        }

        throw new InvalidOperationException("The controllers never come to rest.");
    }

    public KubernetesObject? Get(ObjectKey key) => _objects.GetValueOrDefault(key);

    public IReadOnlyList<KubernetesObject> ControlledBy(GroupKind kind, string ns, string ownerUid) =>
        All(kind).Where(o => o.Namespace == ns && o.ControllerUid() == ownerUid).ToList();

    public IReadOnlyList<KubernetesObject> Orphans(GroupKind kind, string ns) =>
        All(kind).Where(o => o.Namespace == ns && o.ControllerUid() is null).ToList();

    public IEnumerable<KubernetesObject> List(GroupKind kind, string? ns) => All(kind).Where(o => ns is null || o.Namespace == ns).ToList();

    public IEnumerable<KubernetesObject> Selected(string ns, YamlMap selector) =>
        List(Kinds.Pod, ns).Where(p => LabelSelector.FromLabels(selector).Matches(p.Labels));

    public IEnumerable<KubernetesObject> Selecting(string ns, YamlMap labels) =>
        List(Kinds.Service, ns).Where(s => s.Spec["selector"] is YamlMap { Count: > 0 } selector && LabelSelector.FromLabels(selector).Matches(labels));

    public IEnumerable<KubernetesObject> TokensOf(string ns, string account) =>
        List(Kinds.Secret, ns).Where(s => TokenSecretController.AccountOf(s) == account);

    public ObjectKey? Find(string uid) => _objects.Values.FirstOrDefault(o => o.Uid == uid)?.Key;

    public IReadOnlyList<KubernetesObject> Dependents(string uid) => _objects.Values
        .Where(o => (o.Metadata["ownerReferences"] as YamlList ?? YamlList.Empty).OfType<YamlMap>().Any(r => r.Text("uid") == uid)).ToList();

    public IReadOnlyList<KubernetesObject> InNamespace(string ns) => _objects.Values.Where(o => o.Namespace == ns).ToList();

    private int Round()
    {
        var count = 0;
        foreach (var key in _objects.Keys.ToList())
        {
            if (!_objects.TryGetValue(key, out var subject))
            {
                continue;
            }

            var plan = GarbageCollector.Plan(subject, this);
            if (plan.Writes.Count == 0)
            {
                plan = new ControllerPlan([.. _controllers.Where(c => c.Kind == subject.GroupKind).SelectMany(c => c.Plan(subject, this, Now).Writes)]);
            }

            foreach (var write in plan.Writes)
            {
                Apply(write);
                count++;
            }
        }

        return count;
    }

    private void Apply(ObjectWrite write)
    {
        switch (write)
        {
            case ObjectWrite.Create create:
                Insert(create.Object);
                break;
            case ObjectWrite.Delete delete:
                if (_objects.ContainsKey(delete.Object.Key))
                {
                    Delete(delete.Object, delete.Now);
                }

                break;
            case ObjectWrite.UpdateStatus status:
                _objects[status.Object.Key] = _objects[status.Object.Key].With(["status"], status.Object.Body["status"]!);
                break;
            case ObjectWrite.UpdateWhole whole:
                Replace(whole.Object);
                _objects[whole.Object.Key] = _objects[whole.Object.Key].With(["status"], whole.Object.Status);
                break;
            default:
                Replace(write.Object);
                break;
        }

        var pods = All(Kinds.Pod).Where(PodState.IsActive).ToList();
        MostPods = Math.Max(MostPods, pods.Count);
        FewestAvailable = Math.Min(FewestAvailable, pods.Count(PodState.IsReady));
    }

    private void Replace(KubernetesObject subject)
    {
        var live = _objects[subject.Key];
        var specChanged = !subject.Spec.Equals(live.Spec);
        var next = subject.With(["status"], live.Status);
        _objects[subject.Key] = specChanged ? next.With(["metadata", "generation"], live.Generation + 1) : next;
        if (live.DeletionTimestamp is not null && !subject.Finalizers.Any() && subject.Spec["finalizers"] is not YamlList { Count: > 0 })
        {
            _objects.Remove(subject.Key);
        }
    }

    private KubernetesObject Insert(KubernetesObject subject)
    {
        var name = subject.Name.Length > 0 ? subject.Name : $"{subject.GenerateName}{++_names:D5}";
        var made = subject.With(["metadata", "name"], name).With(["metadata", "uid"], $"uid-{++_uids}")
            .With(["metadata", "generation"], 1L).With(["metadata", "creationTimestamp"], ObjectFields.Timestamp(Now));
        return _objects[made.Key] = made;
    }
}
