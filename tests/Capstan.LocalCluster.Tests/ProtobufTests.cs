using Capstan.LocalCluster.ApiServer;
using Capstan.LocalCluster.ApiServer.Protobuf;
using Capstan.Yaml;
using CsCheck;

namespace Capstan.LocalCluster.Tests;

/// <summary>Bodies in protobuf become what their JSON would have been. That kubectl's own are read is proven with kubectl itself.</summary>
public sealed class ProtobufTests
{
    [Fact]
    public void A_zero_that_was_said_is_kept_and_one_that_was_not_is_dropped()
    {
        var meta = new WireWriter().Text(1, "web").Text(2, "").Number(7, 0).Message(8, new WireWriter())
            .Message(11, new WireWriter().Text(1, "a").Text(2, ""));
        var spec = new WireWriter().Number(1, 0).Number(5, 0).Number(7, 0).Message(2, new WireWriter().Message(1, new WireWriter().Text(1, "app").Text(2, "web")));
        var read = ProtobufObject.Read(WireWriter.Object("apps/v1", "Deployment", new WireWriter().Message(1, meta).Message(2, spec)));
        Assert.Equal(JsonText.Read("""
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web","labels":{"a":""}},
             "spec":{"replicas":0,"selector":{"matchLabels":{"app":"web"}}}}
            """), read);
    }

    [Fact]
    public void Values_of_every_form_are_worded_as_in_json()
    {
        var probe = new WireWriter().Message(1, new WireWriter().Message(3, new WireWriter().Message(1, new WireWriter().Number(1, 1).Text(3, "http")))).Number(3, 5);
        var container = new WireWriter().Text(1, "c").Text(3, "sh").Text(3, "").Message(10, probe)
            .Message(8, new WireWriter().Message(1, new WireWriter().Text(1, "cpu").Message(2, new WireWriter().Text(1, "100m"))));
        var volume = new WireWriter().Text(1, "v").Message(2, new WireWriter().Message(6, new WireWriter().Text(1, "s").Number(3, 420)));
        var meta = new WireWriter().Text(1, "p").Message(8, new WireWriter().Number(1, 1_000_000_000))
            .Message(17, new WireWriter().Text(1, "m").Message(7, new WireWriter().Text(1, """{"f:data":{}}""")));
        var pod = new WireWriter().Message(1, meta).Message(2, new WireWriter().Message(1, volume).Message(2, container).Number(21, 0));
        Assert.Equal(JsonText.Read("""
            {"apiVersion":"v1","kind":"Pod",
             "metadata":{"name":"p","creationTimestamp":"2001-09-09T01:46:40Z","managedFields":[{"manager":"m","fieldsV1":{"f:data":{}}}]},
             "spec":{"automountServiceAccountToken":false,"volumes":[{"name":"v","secret":{"secretName":"s","defaultMode":420}}],
             "containers":[{"name":"c","command":["sh",""],"resources":{"limits":{"cpu":"100m"}},
              "livenessProbe":{"tcpSocket":{"port":"http"},"timeoutSeconds":5}}]}}
            """), ProtobufObject.Read(WireWriter.Object("v1", "Pod", pod)));
    }

    [Fact]
    public void Bytes_are_base64_and_lists_within_maps_are_lists()
    {
        var secret = new WireWriter().Message(2, new WireWriter().Text(1, "k").Bytes(2, [0, 255]));
        Assert.Equal("AP8=", ProtobufObject.Read(WireWriter.Object("v1", "Secret", secret)).At("data", "k")!.AsString());
        var spec = new WireWriter().Text(3, "bob").Message(5, new WireWriter().Text(1, "scopes").Message(2, new WireWriter().Text(1, "a").Text(1, "b")));
        var review = ProtobufObject.Read(WireWriter.Object("authorization.k8s.io/v1", "SubjectAccessReview", new WireWriter().Message(2, spec)));
        Assert.Equal(JsonText.Read("""["a","b"]"""), review.At("spec", "extra", "scopes"));
        var micro = ProtobufObject.Read(WireWriter.Object("coordination.k8s.io/v1", "Lease",
            new WireWriter().Message(2, new WireWriter().Message(3, new WireWriter().Number(1, 1).Number(2, 2_000)))));
        Assert.Equal("1970-01-01T00:00:01.000002Z", micro.At("spec", "acquireTime")!.AsString());
    }

    [Fact]
    public void Fields_of_another_version_are_skipped()
    {
        var read = ProtobufObject.Read(WireWriter.Object("v1", "ConfigMap", new WireWriter().Text(900, "new").Number(901, 5).Message(1, new WireWriter().Text(1, "x").Text(99, "y"))));
        Assert.Equal(JsonText.Read("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"}}"""), read);
    }

    public static TheoryData<string, byte[]> Damaged => new()
    {
        { "does not begin", "{}"u8.ToArray() },
        { "no kind \"\"", "k8s\0"u8.ToArray() },
        { "no kind \"Ship\"", WireWriter.Object("example.com/v1", "Ship", new WireWriter()) },
        { "a length beyond the end", [.. "k8s\0"u8, 0x12, 0x7f, 0x00] },
        { "unexpected end", [.. "k8s\0"u8, 0x12] },
        { "wire type 3", [.. "k8s\0"u8, 0x0b] },
        { "field number 0", [.. "k8s\0"u8, 0x02, 0x00] },
        { "more than ten bytes", [.. "k8s\0"u8, .. Enumerable.Repeat((byte)0xff, 11)] },
        { "not UTF-8", WireWriter.Object("v1", "ConfigMap", new WireWriter().Message(1, new WireWriter().Bytes(1, [0xff, 0xfe]))) },
        { "a number in the field", WireWriter.Object("v1", "ConfigMap", new WireWriter().Message(1, new WireWriter().Number(1, 5))) },
        { "bytes where a number belongs", WireWriter.Object("apps/v1", "Deployment", new WireWriter().Message(2, new WireWriter().Text(1, "x"))) },
        { "outside the years", WireWriter.Object("v1", "ConfigMap", new WireWriter().Message(1, new WireWriter().Message(8, new WireWriter().Number(1, long.MaxValue)))) },
        { "JSON within it", WireWriter.Object("v1", "ConfigMap", new WireWriter().Message(1, new WireWriter().Message(17, new WireWriter().Message(7, new WireWriter().Text(1, "{"))))) },
    };

    [Theory]
    [MemberData(nameof(Damaged))]
    public void What_is_no_object_is_a_bad_request(string why, byte[] body)
    {
        var error = Assert.Throws<ApiStatusException>(() => { ProtobufObject.Read(body); });
        Assert.Equal(ApiReasons.BadRequest, error.Reason);
        Assert.Contains(why, error.Message);
    }

    // Not among the others: test runners write the data of theories out.
    [Fact]
    public void More_values_than_any_object_has_are_refused() =>
        What_is_no_object_is_a_bad_request("more than 1000000 values", WireWriter.Object("v1", "ConfigMap", new WireWriter().Message(1, Many())));

    [Fact]
    public void No_bytes_do_worse_than_to_be_refused() => Gen.Byte.Array[0, 200].Sample(bytes =>
    {
        byte[] body = WireWriter.Object("v1", "Pod", new WireWriter().Bytes(2, bytes));
        try
        {
            return ProtobufObject.Read(body)["kind"]!.AsString() == "Pod";
        }
        catch (ApiStatusException refused)
        {
            return refused.Code == 400;
        }
    });

    [Fact]
    public void Every_message_that_a_field_holds_is_in_the_table()
    {
        Assert.Contains("core.v1.Pod", WireFields.Names);
        Assert.All(WireFields.Names, name => Assert.All(WireFields.Of(name)!.Values,
            field => Assert.True(field.Form != WireForm.Message || WireFields.Of(field.Message) is not null, $"{name}.{field.Name}: {field.Message}")));
    }

    private static WireWriter Many()
    {
        var many = new WireWriter();
        for (var i = 0; i <= 1_000_000; i++)
        {
            many.Number(7, 1);
        }

        return many;
    }
}
