using Capstan.GoTemplates;
using Capstan.Scalars;

namespace Capstan.Helm.Time;

/// <summary>A time.Duration in a template: nanoseconds.</summary>
internal sealed class DurationValue(long nanoseconds) : GoNumber
{
    internal static readonly GoType GoTypeOf = new(GoKind.Int64, "time.Duration");

    public override long Value { get; } = nanoseconds;

    public override GoType Type => GoTypeOf;

    public override string Text => GoDuration.Format(Value);

    public override GoFunction? Method(string name) => name switch
    {
        "Seconds" => Getter(name, Value / 1e9),
        "Minutes" => Getter(name, Value / 6e10),
        "Hours" => Getter(name, Value / 3.6e12),
        "Milliseconds" => Getter(name, Value / 1_000_000),
        "String" => Getter(name, Text),
        _ => null,
    };

    public override bool Equals(object? obj) => obj is DurationValue other && other.Value == Value;

    public override int GetHashCode() => Value.GetHashCode();

    private static GoFunction Getter(string name, object value) => new(name, [], false, (_, _) => value);
}
