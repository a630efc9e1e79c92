using System.Globalization;
using Capstan.Delivery.Applications;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Delivery.Pausing;

/// <summary>
/// A person's word that automation is to rest for a while, on an Application, on the set that generated it, or on its project. It is kept in
/// annotations of that object; what a person asks for is still done.
/// </summary>
/// <param name="Where">The object that carries it: <c>Application</c>, <c>ApplicationSet web</c>, <c>project shop</c>.</param>
/// <param name="By">Who asked.</param>
/// <param name="Reason">Why.</param>
/// <param name="Until">When automation goes on; null when that could not be read, and then it rests until the annotation is removed.</param>
public sealed record Pause(string Where, string By, string Reason, DateTimeOffset? Until)
{
    /// <summary>The annotation that says until when, as RFC 3339; without it there is no pause.</summary>
    public const string UntilAnnotation = "capstan.dev/paused-until";

    /// <summary>The annotation that says why.</summary>
    public const string ReasonAnnotation = "capstan.dev/pause-reason";

    /// <summary>The annotation that says who asked.</summary>
    public const string ByAnnotation = "capstan.dev/paused-by";

    /// <summary>The pause that an object carries; null when there is none.</summary>
    public static Pause? Of(KubernetesObject @object, string where) => @object.Annotation(UntilAnnotation) is { } until
        ? new Pause(where, @object.Annotation(ByAnnotation) ?? "", @object.Annotation(ReasonAnnotation) ?? "", Time(until))
        : null;

    /// <summary>Whether it counts now.</summary>
    public bool IsOn(DateTimeOffset now) => Until is not { } end || now < end;

    /// <summary>It in words.</summary>
    public string Message => $"automation is paused {(Until is { } end ? "until " + StatusWriter.Time(end) : $"(annotation {UntilAnnotation} is no time, so until it is removed)")}"
        + $"{(By.Length > 0 ? " by " + By : "")} on the {Where}{(Reason.Length > 0 ? ": " + Reason : "")}";

    /// <summary>The patch that puts a pause on an object, or with null takes it away.</summary>
    public static YamlMap Patch(Pause? pause) => YamlMap.Of(("metadata", YamlMap.Of(("annotations", YamlMap.Of(
        (UntilAnnotation, pause?.Until is { } until ? YamlScalar.String(StatusWriter.Time(until)) : YamlScalar.Null),
        (ReasonAnnotation, pause is null ? YamlScalar.Null : YamlScalar.String(pause.Reason)),
        (ByAnnotation, pause is null ? YamlScalar.Null : YamlScalar.String(pause.By)))))));

    private static DateTimeOffset? Time(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;
}
