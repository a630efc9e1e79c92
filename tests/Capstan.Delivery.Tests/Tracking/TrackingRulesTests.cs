using Capstan.Delivery.Tracking;

namespace Capstan.Delivery.Tests.Tracking;

public sealed class TrackingRulesTests
{
    // 62 letters and a dash: the cut ends before what a label may not end with.
    private static readonly string Long = new string('a', 62) + "-" + new string('b', 20);

    [Theory]
    [InlineData(TrackingMethod.AnnotationAndLabel, 62)]
    [InlineData(TrackingMethod.Label, 83)]
    public void A_long_name_is_cut_where_the_label_is_for_people_and_left_whole_where_it_counts(TrackingMethod method, int length)
    {
        var marked = new TrackingRules(method).Mark(Make.ConfigMap("one"), Long, "shop");
        Assert.Equal(length, marked.Body.At("metadata", "labels", "app.kubernetes.io/instance")!.AsString()!.Length);
    }

    [Fact]
    public void What_a_controller_made_is_not_tracked_by_the_label_that_it_copied()
    {
        var owned = Make.Object("""{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web-1","namespace":"shop","labels":{"app.kubernetes.io/instance":"shop"},"ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet","name":"web","uid":"1"}]}}""");
        Assert.Null(new TrackingRules(TrackingMethod.Label).InstanceOf(owned));
        Assert.Equal("shop", new TrackingRules(TrackingMethod.Label).InstanceOf(owned.Without("metadata", "ownerReferences")));
    }

    [Fact]
    public void A_copy_with_the_annotation_of_another_object_is_tracked_by_neither()
    {
        var copy = Make.ConfigMap("copy", tracking: "shop:/ConfigMap:shop/one");
        Assert.Null(TrackingRules.Default.InstanceOf(copy));
    }
}
