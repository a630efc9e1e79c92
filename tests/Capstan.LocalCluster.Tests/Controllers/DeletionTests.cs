using Capstan.LocalCluster.Controllers;

namespace Capstan.LocalCluster.Tests.Controllers;

public class DeletionTests
{
    [Fact]
    public void A_namespace_gets_a_default_service_account()
    {
        var world = new ControllerWorld();
        world.Put("""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop"},"spec":{"finalizers":["kubernetes"]}}""");

        world.Settle();

        Assert.Equal("default", world.Only(Kinds.ServiceAccount).Name);
    }

    [Fact]
    public void A_namespace_goes_when_it_is_empty_and_takes_everything_along()
    {
        var world = new ControllerWorld();
        var ns = world.Put("""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop"},"spec":{"finalizers":["kubernetes"]}}""");
        var held = world.Put("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"held","namespace":"shop","finalizers":["example.com/keep"]}}""");
        world.Put("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"free","namespace":"shop"}}""");
        world.Settle();

        world.Delete(ns);
        world.Settle();
        Assert.Equal("held", world.Only(held.GroupKind).Name);
        Assert.Single(world.All(Kinds.Namespace));

        world.Release(held.Key);
        world.Settle();
        Assert.Empty(world.All(held.GroupKind));
        Assert.Empty(world.All(Kinds.Namespace));
    }

    [Fact]
    public void An_owner_in_another_namespace_counts_as_absent()
    {
        var world = new ControllerWorld();
        var owner = world.Put("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"owner","namespace":"a"}}""");
        world.Put($$$$"""
            {"apiVersion":"v1","kind":"Secret","metadata":{"name":"owned","namespace":"b",
             "ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"owner","uid":"{{{{owner.Uid}}}}"}]}}
            """);

        world.Settle();

        Assert.Empty(world.All(new("", "Secret")));
    }

    [Fact]
    public void Owners_that_own_each_other_do_not_keep_the_collector_busy()
    {
        var world = new ControllerWorld();
        var a = world.Put("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"x","ownerReferences":[{"uid":"uid-2"}]}}""");
        world.Put($$$$"""{"apiVersion":"v1","kind":"Secret","metadata":{"name":"b","namespace":"x","ownerReferences":[{"uid":"{{{{a.Uid}}}}"}]}}""");

        Assert.Equal(0, world.Settle());
    }

    [Fact]
    public void Foreground_deletion_waits_for_dependents_that_block_it()
    {
        var world = new ControllerWorld();
        var owner = world.Put("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"owner","namespace":"x","finalizers":["foregroundDeletion"]}}""");
        var held = world.Put($$$$"""
            {"apiVersion":"v1","kind":"Secret","metadata":{"name":"held","namespace":"x","finalizers":["example.com/keep"],
             "ownerReferences":[{"uid":"{{{{owner.Uid}}}}","blockOwnerDeletion":true}]}}
            """);

        world.Delete(owner);
        world.Settle();
        Assert.NotNull(world.Get(owner.Key));

        world.Release(held.Key);
        world.Settle();
        Assert.Null(world.Get(owner.Key));
    }

    [Fact]
    public void Orphaning_leaves_the_dependents_without_an_owner()
    {
        var world = new ControllerWorld();
        var owner = world.Put("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"owner","namespace":"x","finalizers":["orphan"]}}""");
        var owned = world.Put($$$$"""
            {"apiVersion":"v1","kind":"Secret","metadata":{"name":"owned","namespace":"x","ownerReferences":[{"uid":"{{{{owner.Uid}}}}"}]}}
            """);

        world.Delete(owner);
        world.Settle();

        Assert.Null(world.Get(owner.Key));
        Assert.Null(world.Get(owned.Key)!.Metadata["ownerReferences"]);
    }
}
