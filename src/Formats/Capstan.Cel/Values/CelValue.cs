namespace Capstan.Cel;

/// <summary>A value of the language. Values do not change.</summary>
public abstract class CelValue
{
    /// <summary>The name of its type, as <c>type(x)</c> and messages write it.</summary>
    public abstract string TypeName { get; }

    /// <summary>A boolean.</summary>
    public static CelValue Of(bool value) => value ? CelBool.True : CelBool.False;

    /// <summary>An integer.</summary>
    public static CelValue Of(long value) => new CelInt(value);

    /// <summary>A double.</summary>
    public static CelValue Of(double value) => new CelDouble(value);

    /// <summary>A text.</summary>
    public static CelValue Of(string value) => new CelString(value);

    /// <summary>A list.</summary>
    public static CelValue Of(IReadOnlyList<CelValue> items) => new CelArray(items);

    /// <summary>Whether it is of the very type and content that another is; numbers of all types compare by value.</summary>
    public sealed override bool Equals(object? obj) => obj is CelValue other && Equality.AreEqual(this, other, CelMeter.Unlimited());

    /// <inheritdoc/>
    public sealed override int GetHashCode() => Equality.Hash(this);
}

/// <summary>Nothing.</summary>
public sealed class CelNull : CelValue
{
    /// <summary>The only one.</summary>
    public static readonly CelNull Value = new();

    private CelNull()
    {
    }

    /// <inheritdoc/>
    public override string TypeName => "null_type";
}

/// <summary>True or false.</summary>
public sealed class CelBool : CelValue
{
    /// <summary>True.</summary>
    public static readonly CelBool True = new();

    /// <summary>False.</summary>
    public static readonly CelBool False = new();

    private CelBool()
    {
    }

    /// <inheritdoc/>
    public override string TypeName => "bool";
}

/// <summary>A number of 64 bits with a sign.</summary>
public sealed class CelInt(long value) : CelValue
{
    /// <summary>The number.</summary>
    public long Value => value;

    /// <inheritdoc/>
    public override string TypeName => "int";
}

/// <summary>A number of 64 bits without a sign.</summary>
public sealed class CelUInt(ulong value) : CelValue
{
    /// <summary>The number.</summary>
    public ulong Value => value;

    /// <inheritdoc/>
    public override string TypeName => "uint";
}

/// <summary>A number with a fraction.</summary>
public sealed class CelDouble(double value) : CelValue
{
    /// <summary>The number.</summary>
    public double Value => value;

    /// <inheritdoc/>
    public override string TypeName => "double";
}

/// <summary>A text.</summary>
public sealed class CelString(string value) : CelValue
{
    /// <summary>The text.</summary>
    public string Value => value;

    /// <inheritdoc/>
    public override string TypeName => "string";
}

/// <summary>Bytes.</summary>
public sealed class CelBytes(byte[] value) : CelValue
{
    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Value => value;

    /// <inheritdoc/>
    public override string TypeName => "bytes";
}

/// <summary>A point in time, to a hundred nanoseconds.</summary>
public sealed class CelTimestamp(DateTimeOffset value) : CelValue
{
    /// <summary>The point, in UTC.</summary>
    public DateTimeOffset Value { get; } = value.ToUniversalTime();

    /// <inheritdoc/>
    public override string TypeName => "google.protobuf.Timestamp";
}

/// <summary>A span of time.</summary>
public sealed class CelDuration(long nanoseconds) : CelValue
{
    /// <summary>The span in nanoseconds.</summary>
    public long Nanoseconds => nanoseconds;

    /// <inheritdoc/>
    public override string TypeName => "google.protobuf.Duration";
}

/// <summary>A type as a value.</summary>
public sealed class CelType(string name) : CelValue
{
    /// <summary>Its name.</summary>
    public string Name => name;

    /// <inheritdoc/>
    public override string TypeName => "type";
}

/// <summary>A value that may be absent.</summary>
public sealed class CelOptional : CelValue
{
    /// <summary>The absent one.</summary>
    public static readonly CelOptional None = new(null);

    private CelOptional(CelValue? value) => Value = value;

    /// <summary>The value; null when it is absent.</summary>
    public CelValue? Value { get; }

    /// <inheritdoc/>
    public override string TypeName => "optional_type";

    /// <summary>A value that is there.</summary>
    public static CelOptional Some(CelValue value) => new(value);
}

/// <summary>A value of a type that a library brings: an address, a quantity, a version.</summary>
public abstract class CelObject : CelValue
{
    /// <summary>Whether it says what another object of its type says.</summary>
    public abstract bool Same(CelObject other);

    /// <summary>A hash that is equal for objects that say the same.</summary>
    public abstract int Hash();
}

/// <summary>What an evaluation gives that failed: it passes through every operation but <c>&amp;&amp;</c> and <c>||</c>, which another operand may decide.</summary>
public sealed class CelFault(string message) : CelValue
{
    /// <summary>An operation that does not exist for these operands.</summary>
    public static readonly CelFault NoOverload = new("no such overload");

    /// <summary>A number that does not fit.</summary>
    public static readonly CelFault Overflow = new("integer overflow");

    /// <summary>Why, in the words of Google's implementation, which Kubernetes shows.</summary>
    public string Message => message;

    /// <inheritdoc/>
    public override string TypeName => "error";

    /// <summary>A map without the key that was asked for.</summary>
    public static CelFault NoSuchKey(CelValue key) => new($"no such key: {CelText.Show(key)}");
}
