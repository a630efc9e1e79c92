using Capstan.GoTemplates;
using Capstan.Helm.Data;

namespace Capstan.Helm.Time;

/// <summary>A time.Time, with the methods that templates call.</summary>
internal sealed class GoTime(DateTimeOffset value, string zone = "UTC") : GoObject, IJsonText
{
    internal static readonly GoType GoTypeOf = new(GoKind.Struct, "time.Time");

    public DateTimeOffset Value { get; } = value;

    /// <summary>The abbreviation of the time zone.</summary>
    public string Zone { get; } = zone;

    public override GoType Type => GoTypeOf;

    public override string Text => TimeLayout.Format(this, "2006-01-02 15:04:05.999999999 -0700 MST");

    public string JsonText => TimeLayout.Format(this, "2006-01-02T15:04:05.999999999Z07:00");

    /// <summary>The same instant in a time zone.</summary>
    public GoTime In(TimeZoneInfo zoneInfo)
    {
        var local = TimeZoneInfo.ConvertTime(Value, zoneInfo);
        return new GoTime(local, TimeLayout.Abbreviation(zoneInfo, local));
    }

    public override bool Equals(object? obj) => obj is GoTime other && Value == other.Value && Zone == other.Zone;

    public override int GetHashCode() => Value.GetHashCode();

    public override GoFunction? Method(string name) => name switch
    {
        "Unix" => Getter(name, Value.ToUnixTimeSeconds()),
        "UnixMilli" => Getter(name, Value.ToUnixTimeMilliseconds()),
        "UnixNano" => Getter(name, (Value - DateTimeOffset.UnixEpoch).Ticks * 100),
        "Year" => Getter(name, GoValues.Int(Value.Year)),
        "Month" => Getter(name, new GoMonth(Value.Month)),
        "Day" => Getter(name, GoValues.Int(Value.Day)),
        "Hour" => Getter(name, GoValues.Int(Value.Hour)),
        "Minute" => Getter(name, GoValues.Int(Value.Minute)),
        "Second" => Getter(name, GoValues.Int(Value.Second)),
        "Nanosecond" => Getter(name, GoValues.Int(Value.Ticks % TimeSpan.TicksPerSecond * 100)),
        "YearDay" => Getter(name, GoValues.Int(Value.DayOfYear)),
        "Weekday" => Getter(name, new GoWeekday((int)Value.DayOfWeek)),
        "String" => Getter(name, Text),
        "UTC" => Getter(name, new GoTime(Value.ToUniversalTime())),
        "Local" => Getter(name, In(TimeZoneInfo.Local)),
        "IsZero" => Getter(name, GoValues.Bool(Value == DateTimeOffset.MinValue)),
        "Format" => new GoFunction(name, [GoType.String], false, (_, a) => TimeLayout.Format(this, (string)a[0]!)),
        "AddDate" => new GoFunction(name, [GoType.Int, GoType.Int, GoType.Int], false, (_, a) =>
            new GoTime(Value.AddYears((int)(nint)a[0]!).AddMonths((int)(nint)a[1]!).AddDays((int)(nint)a[2]!), Zone)),
        "Add" => new GoFunction(name, [DurationValue.GoTypeOf], false, (_, a) => new GoTime(Value.AddTicks(((DurationValue)a[0]!).Value / 100), Zone)),
        "Sub" => new GoFunction(name, [GoTypeOf], false, (_, a) => new DurationValue((Value - ((GoTime)a[0]!).Value).Ticks * 100)),
        "Before" => new GoFunction(name, [GoTypeOf], false, (_, a) => GoValues.Bool(Value < ((GoTime)a[0]!).Value)),
        "After" => new GoFunction(name, [GoTypeOf], false, (_, a) => GoValues.Bool(Value > ((GoTime)a[0]!).Value)),
        "Equal" => new GoFunction(name, [GoTypeOf], false, (_, a) => GoValues.Bool(Value == ((GoTime)a[0]!).Value)),
        _ => null,
    };

    private static GoFunction Getter(string name, object value) => new(name, [], false, (_, _) => value);
}

/// <summary>A time.Month.</summary>
internal sealed class GoMonth(int month) : GoNumber
{
    private static readonly GoType GoTypeOf = new(GoKind.Int, "time.Month");

    public override long Value => month;

    public override GoType Type => GoTypeOf;

    public override string Text => TimeLayout.Months[month - 1];
}

/// <summary>A time.Weekday.</summary>
internal sealed class GoWeekday(int day) : GoNumber
{
    private static readonly GoType GoTypeOf = new(GoKind.Int, "time.Weekday");

    public override long Value => day;

    public override GoType Type => GoTypeOf;

    public override string Text => TimeLayout.Days[day];
}
