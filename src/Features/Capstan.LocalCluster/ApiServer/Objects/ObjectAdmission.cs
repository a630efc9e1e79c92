using System.Globalization;
using System.Security.Cryptography;
using Capstan.LocalCluster.ApiServer.Catalog;
using Capstan.LocalCluster.ApiServer.CustomResources;
using Capstan.LocalCluster.ApiServer.Operations;
using Capstan.LocalCluster.Storage;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer.Objects;

/// <summary>What happens to every object between the caller and the store: decoding, defaults, the fields that the server alone sets, validation.</summary>
internal sealed class ObjectAdmission(ObjectStore store, ResourceCatalog catalog, ServiceAddresses addresses, Access.Authorizer authorizer, Webhooks.AdmissionWebhooks webhooks, AdmissionPolicies.AdmissionPolicyChecks policies)
{
    // Letters that cannot form words, as apimachinery's name generator uses.
    private const string NameLetters = "bcdfghjklmnpqrstvwxz2456789";

    private static readonly ServedResource Namespaces = BuiltInResources.All.First(r => r.Kind == "Namespace");

    public ResourceCatalog Catalog => catalog;

    public Webhooks.AdmissionWebhooks Webhooks => webhooks;

    /// <summary>Refuses what a policy or a validating webhook refuses.</summary>
    /// <param name="call">The write.</param>
    /// <param name="tree">The object as it will be; null for a deletion.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    public Task ValidateAsync(Webhooks.AdmissionCall call, YamlMap? tree, CancellationToken cancellation)
    {
        policies.Check(call, tree);
        return webhooks.ValidateAsync(call, tree, cancellation);
    }

    /// <summary>Takes in what a caller sent: right kind and namespace, known fields, stored version, defaults.</summary>
    public static YamlMap Admit(Target target, YamlMap body, WriteOptions options)
    {
        var tree = Checked(target, body, options);
        return Complete(target, VersionConversion.ToStorage(target.Resource, tree), options);
    }

    /// <summary>The same for an apply, which must not gain defaults before it is merged.</summary>
    public static YamlMap Checked(Target target, YamlMap body, WriteOptions options)
    {
        CheckIdentity(target, body);
        var tree = body.WithoutNulls();
        if (target.Resource.Custom is { } custom)
        {
            tree = custom.Prune(tree, target.Version, out var unknown);
            Report(target, unknown, [], options);
        }
        else if (BuiltInSchemas.TryGet(target.Resource.KindIn(target.Version), out var schema))
        {
            var check = new SchemaCheck();
            tree = check.Check(tree, schema);
            Report(target, check.Unknown, check.WrongTypes, options);
        }

        tree = tree.With("apiVersion", target.ApiVersion).With("kind", target.Resource.Kind);
        return target.Resource.Namespaced && target.Namespace.Length > 0 ? tree.WithAt(["metadata", "namespace"], target.Namespace) : tree;
    }

    /// <summary>The object with everything that its kind defaults.</summary>
    public static YamlMap Complete(Target target, YamlMap tree, WriteOptions options) => target.Resource.Custom is { } custom
        ? custom.Default(tree, target.Resource.StorageVersion)
        : Defaults.Apply(target.Resource, tree);

    /// <summary>An object that is to be created, as it will be stored but for its revision and the owners of its fields.</summary>
    public YamlMap PrepareNew(Target target, YamlMap tree, WriteOptions options, DateTimeOffset now)
    {
        var metadata = tree.MapAt("metadata").Without("selfLink").Without("deletionTimestamp").Without("deletionGracePeriodSeconds").Without("resourceVersion");
        var name = metadata.Text("name");
        if (name.Length == 0)
        {
            var prefix = metadata.Text("generateName");
            name = prefix.Length == 0 ? "" : prefix[..Math.Min(prefix.Length, 58)] + RandomNumberGenerator.GetString(NameLetters, 5);
        }

        metadata = metadata.With("name", name)
            .With("uid", Guid.NewGuid().ToString())
            .With("creationTimestamp", now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture))
            .Without("generation");
        if (!target.Resource.Namespaced)
        {
            metadata = metadata.Without("namespace");
        }

        if (target.Resource.CountsGenerations)
        {
            metadata = metadata.With("generation", 1);
        }

        tree = tree.With("metadata", metadata);
        if (target.Resource.HasStatus && target.Resource.Qualified is not "nodes")
        {
            tree = tree.Without("status");
        }

        tree = CreationRules.Apply(target.Resource, tree, now);
        if (target.Resource.Qualified == "pods")
        {
            tree = PodPriority.Give(target, PodAccount.Give(target, tree, store), store);
        }

        tree = Policies.LimitRanges.Apply(target, tree, store);

        if (target.Resource.Qualified == Definitions.ResourceName)
        {
            tree = Definitions.Established(tree, catalog, now);
        }

        Validate(target, tree, null);
        Policies.QuotaAdmission.Check(target, tree, store);
        if (target.Resource.Qualified == Definitions.ResourceName)
        {
            options.Warnings.AddRange(Definitions.NotEvaluated(tree));
        }

        return target.Resource.Qualified == "services" ? addresses.Assign(target.Resource, tree) : tree;
    }

    /// <summary>An object that is to be replaced: what the caller may not change is as it was.</summary>
    public static YamlMap PrepareChanged(Target target, YamlMap live, YamlMap wanted, WriteOptions options)
    {
        var resource = target.Resource;
        if (target.Subresource is "status" or "approval")
        {
            // Of a built-in kind annotations may be written with the status, of a custom one nothing but the status.
            var annotations = resource.Custom is null ? wanted.MapAt("metadata") : live.MapAt("metadata");
            wanted = live.Like(wanted, "status").WithAt(["metadata", "managedFields"], wanted.At("metadata", "managedFields") ?? YamlList.Empty)
                .Change("metadata", m => m.Like(annotations, "annotations"));
        }
        else if (target.Subresource == "ephemeralcontainers")
        {
            wanted = live.WithAt(["spec", "ephemeralContainers"], wanted.At("spec", "ephemeralContainers") ?? YamlList.Empty)
                .WithAt(["metadata", "managedFields"], wanted.At("metadata", "managedFields") ?? YamlList.Empty);
            EphemeralContainers.Check(target, live, wanted);
        }
        else if (resource.HasStatus && !options.WithStatus)
        {
            wanted = wanted.Like(live, "status");
        }

        var before = live.MapAt("metadata");
        var metadata = wanted.MapAt("metadata").Without("selfLink");
        foreach (var kept in (ReadOnlySpan<string>)["name", "namespace", "uid", "creationTimestamp", "generation", "deletionTimestamp", "deletionGracePeriodSeconds", "generateName"])
        {
            metadata = metadata.Like(before, kept);
        }

        wanted = wanted.With("metadata", metadata);
        wanted = CreationRules.Keep(resource, live, wanted);
        wanted = resource.Qualified == "namespaces" ? CreationRules.Finalizers(live, wanted, target.Subresource == "finalize") : wanted;
        if (resource.CountsGenerations && target.Subresource is not ("status" or "approval") && ChangesWantedState(resource, live, wanted))
        {
            wanted = wanted.WithAt(["metadata", "generation"], (live.Number("metadata", "generation") ?? 0) + 1);
        }

        if (resource.Qualified == Definitions.ResourceName && target.Subresource.Length == 0)
        {
            wanted = Definitions.Updated(live, wanted);
            options.Warnings.AddRange(Definitions.NotEvaluated(wanted));
        }

        if (target.Subresource.Length == 0 || resource.Custom is not null)
        {
            Validate(target, wanted, live);
        }

        return wanted;
    }

    /// <summary>Refuses what would give somebody more rights than who asks has.</summary>
    public void CheckRights(Target target, YamlMap? live, YamlMap tree, WriteOptions options)
    {
        if (options.User is { } user)
        {
            authorizer.CheckEscalation(target, live, tree, user);
        }
    }

    /// <summary>An apply of an object that is not there needs the right to create it.</summary>
    public void CheckMayCreate(Target target, WriteOptions options)
    {
        if (options.User is { } user)
        {
            authorizer.Check(user, Access.AccessRequest.To("create", target.Resource, target.Namespace, target.Name));
        }
    }

    /// <summary>Refuses to create in a namespace that is not there or is going away.</summary>
    public void CheckNamespace(ServedResource resource, string space, string name)
    {
        if (!resource.Namespaced)
        {
            return;
        }

        var tree = store.Get(Namespaces.Key("", space))?.Tree ?? throw ApiErrors.NotFound(Namespaces, space);
        if (tree.At("metadata", "deletionTimestamp") is not null)
        {
            var cause = YamlMap.Of(("reason", "NamespaceTerminating"), ("message", $"namespace {space} is being terminated"), ("field", "metadata.namespace"));
            throw ApiErrors.Forbidden(resource, name, $"unable to create new content in namespace {space} because it is being terminated",
                ApiErrors.Details(resource, name).With("causes", YamlList.Create([cause])));
        }
    }

    /// <summary>Refuses to delete what the cluster cannot be without.</summary>
    public static void CheckDeletion(ServedResource resource, YamlMap tree)
    {
        var name = tree.Text("metadata", "name");
        if (resource.Qualified == "namespaces" && name is "default" or "kube-system" or "kube-public" && resource.Kind == "Namespace")
        {
            throw ApiErrors.Forbidden(resource, name, "this namespace may not be deleted");
        }
    }

    /// <summary>Takes in what a committed write means to the server itself.</summary>
    public void AfterWrite(ServedResource resource, YamlMap tree)
    {
        if (resource.Qualified == Definitions.ResourceName)
        {
            Definitions.Serve(tree, catalog);
        }
    }

    public void AfterDelete(ServedResource resource, YamlMap tree)
    {
        switch (resource.Qualified)
        {
            case Definitions.ResourceName:
                catalog.Remove(tree.Text("metadata", "name"));
                break;
            case "services":
                addresses.Release(tree);
                break;
        }
    }

    private static void Validate(Target target, YamlMap tree, YamlMap? live)
    {
        var problems = new List<FieldProblem>();
        MetadataValidation.Check(target.Resource, tree, live, problems);
        if (target.Resource.Custom is { } custom)
        {
            custom.Validate(tree, live, target.Resource.StorageVersion, problems);
        }
        else if (target.Resource.Qualified == Definitions.ResourceName)
        {
            Definitions.Check(tree, live, problems);
        }
        else if (target.Subresource.Length == 0)
        {
            RequiredFields.Check(target.Resource, tree, problems);
            KindValidation.Check(target.Resource, tree, live, problems);
        }

        if (problems.Count > 0)
        {
            throw ApiErrors.Invalid(target.Resource, tree.Text("metadata", "name"), problems);
        }
    }

    private static bool ChangesWantedState(ServedResource resource, YamlMap live, YamlMap wanted)
    {
        var a = live.Without("metadata");
        var b = wanted.Without("metadata");
        return resource.HasStatus ? !a.Without("status").Equals(b.Without("status")) : !a.Equals(b);
    }

    private static void CheckIdentity(Target target, YamlMap body)
    {
        var (version, kind) = (body.Text("apiVersion"), body.Text("kind"));
        if (kind.Length > 0 && kind != target.Resource.Kind || version.Length > 0 && version != target.ApiVersion)
        {
            var wanted = target.Resource.KindIn(target.Version);
            throw ApiErrors.BadRequest(
                $"{kind} in version \"{version}\" cannot be handled as a {target.Resource.Kind}: converting ({version}.{kind}) to ({wanted.ApiVersion}.{wanted.Kind}): unknown conversion");
        }

        if (body["metadata"] is { IsNull: false } and not YamlMap)
        {
            throw ApiErrors.BadRequest($"{target.Resource.Kind} in version \"{target.Version}\" cannot be handled as a {target.Resource.Kind}: metadata must be an object");
        }

        var space = body.Text("metadata", "namespace");
        if (space.Length > 0 && target.Resource.Namespaced && space != target.Namespace)
        {
            throw ApiErrors.BadRequest($"the namespace of the provided object does not match the namespace sent on the request ({space} != {target.Namespace})");
        }
    }

    private static void Report(Target target, List<string> unknown, List<string> wrong, WriteOptions options)
    {
        if (wrong.Count > 0)
        {
            throw ApiErrors.BadRequest(
                $"{target.Resource.Kind} in version \"{target.Version}\" cannot be handled as a {target.Resource.Kind}: {string.Join("; ", wrong)}");
        }

        if (unknown.Count == 0 || options.FieldValidation == FieldValidation.Ignore)
        {
            return;
        }

        var sentences = unknown.Order(StringComparer.Ordinal).Select(f => $"unknown field \"{f}\"");
        if (options.FieldValidation == FieldValidation.Warn)
        {
            options.Warnings.AddRange(sentences);
            return;
        }

        throw ApiErrors.BadRequest(
            $"{target.Resource.Kind} in version \"{target.Version}\" cannot be handled as a {target.Resource.Kind}: strict decoding error: {string.Join(", ", sentences)}");
    }
}
