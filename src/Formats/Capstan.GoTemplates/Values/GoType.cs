namespace Capstan.GoTemplates;

/// <summary>The kinds of Go's <c>reflect</c> package that values of a template can have.</summary>
public enum GoKind
{
    /// <summary>No value at all.</summary>
    Invalid,

    /// <summary><c>bool</c>.</summary>
    Bool,

    /// <summary><c>int</c>.</summary>
    Int,

    /// <summary><c>int8</c>.</summary>
    Int8,

    /// <summary><c>int16</c>.</summary>
    Int16,

    /// <summary><c>int32</c>.</summary>
    Int32,

    /// <summary><c>int64</c>.</summary>
    Int64,

    /// <summary><c>uint</c>.</summary>
    Uint,

    /// <summary><c>uint8</c>.</summary>
    Uint8,

    /// <summary><c>uint16</c>.</summary>
    Uint16,

    /// <summary><c>uint32</c>.</summary>
    Uint32,

    /// <summary><c>uint64</c>.</summary>
    Uint64,

    /// <summary><c>float32</c>.</summary>
    Float32,

    /// <summary><c>float64</c>.</summary>
    Float64,

    /// <summary>A function.</summary>
    Func,

    /// <summary>An interface.</summary>
    Interface,

    /// <summary>A map.</summary>
    Map,

    /// <summary>A pointer.</summary>
    Pointer,

    /// <summary>A slice.</summary>
    Slice,

    /// <summary>A string.</summary>
    String,

    /// <summary>A struct.</summary>
    Struct,
}

/// <summary>
/// A type of Go. Values are plain .NET objects: <c>nint</c> is Go's int, <c>long</c> int64, <c>double</c> float64 and so on;
/// <see cref="GoMap"/>, <see cref="GoList"/> and <see cref="GoObject"/> carry their own type; the C# null is the nil interface.
/// </summary>
public sealed class GoType
{
    /// <summary><c>interface {}</c>.</summary>
    public static readonly GoType Any = new(GoKind.Interface, "interface {}");

    /// <summary><c>bool</c>.</summary>
    public static readonly GoType Bool = new(GoKind.Bool, "bool");

    /// <summary><c>int</c>, <c>nint</c> here.</summary>
    public static readonly GoType Int = new(GoKind.Int, "int");

    /// <summary><c>int64</c>.</summary>
    public static readonly GoType Int64 = new(GoKind.Int64, "int64");

    /// <summary><c>uint32</c>.</summary>
    public static readonly GoType Uint32 = new(GoKind.Uint32, "uint32");

    /// <summary><c>uint8</c>.</summary>
    public static readonly GoType Uint8 = new(GoKind.Uint8, "uint8");

    /// <summary><c>float64</c>.</summary>
    public static readonly GoType Float64 = new(GoKind.Float64, "float64");

    /// <summary><c>string</c>.</summary>
    public static readonly GoType String = new(GoKind.String, "string");

    /// <summary><c>map[string]interface {}</c>.</summary>
    public static readonly GoType MapOfAny = MapOf(Any);

    /// <summary><c>map[string]string</c>.</summary>
    public static readonly GoType MapOfString = MapOf(String);

    /// <summary><c>[]interface {}</c>.</summary>
    public static readonly GoType ListOfAny = ListOf(Any);

    /// <summary><c>[]string</c>.</summary>
    public static readonly GoType ListOfString = ListOf(String);

    /// <summary><c>[]int</c>.</summary>
    public static readonly GoType ListOfInt = ListOf(Int);

    /// <summary><c>[]uint8</c>.</summary>
    public static readonly GoType Bytes = ListOf(Uint8);

    /// <summary>A parameter that takes any value as it is, also none (<c>reflect.Value</c>).</summary>
    public static readonly GoType Reflected = new(GoKind.Struct, "reflect.Value");

    private static readonly GoType Int8 = new(GoKind.Int8, "int8");
    private static readonly GoType Int16 = new(GoKind.Int16, "int16");
    private static readonly GoType Int32 = new(GoKind.Int32, "int32");
    private static readonly GoType Uint = new(GoKind.Uint, "uint");
    private static readonly GoType Uint16 = new(GoKind.Uint16, "uint16");
    private static readonly GoType Uint64 = new(GoKind.Uint64, "uint64");
    private static readonly GoType Float32 = new(GoKind.Float32, "float32");
    private static readonly GoType Func = new(GoKind.Func, "func()");

    private readonly GoType? _underlying;

    /// <summary>Makes a type.</summary>
    /// <param name="kind">What it is underneath.</param>
    /// <param name="name">How Go writes it.</param>
    /// <param name="element">Of lists and maps: the type of the elements; of pointers: what is pointed to.</param>
    /// <param name="underlying">Of named types: the type that values may be assigned to and from.</param>
    public GoType(GoKind kind, string name, GoType? element = null, GoType? underlying = null)
    {
        Kind = kind;
        Name = name;
        Element = element;
        _underlying = underlying;
    }

    /// <summary>What the type is underneath.</summary>
    public GoKind Kind { get; }

    /// <summary>How Go writes the type.</summary>
    public string Name { get; }

    /// <summary>Of lists and maps: the type of the elements; of pointers: what is pointed to.</summary>
    public GoType? Element { get; }

    /// <summary>The name of the kind, as Go writes it.</summary>
    public string KindName => NameOf(Kind);

    /// <summary>Whether a nil fits the type.</summary>
    internal bool CanBeNil => Kind is GoKind.Func or GoKind.Interface or GoKind.Map or GoKind.Pointer or GoKind.Slice || this == Reflected;

    /// <summary>A map with strings as keys.</summary>
    public static GoType MapOf(GoType element) => new(GoKind.Map, $"map[string]{element.Name}", element);

    /// <summary>A slice.</summary>
    public static GoType ListOf(GoType element) => new(GoKind.Slice, $"[]{element.Name}", element);

    /// <summary>The type of a value; of the C# null it is <see cref="Any"/>.</summary>
    public static GoType Of(object? value) => value switch
    {
        null => Any,
        string => String,
        GoMap map => map.Type,
        GoList list => list.Type,
        bool => Bool,
        nint => Int,
        long => Int64,
        double => Float64,
        GoObject o => o.Type,
        int => Int32,
        ulong => Uint64,
        byte => Uint8,
        nuint => Uint,
        uint => Uint32,
        short => Int16,
        sbyte => Int8,
        ushort => Uint16,
        float => Float32,
        GoFunction => Func,
        _ => throw new ArgumentException($"{value.GetType()} is no value of a template.", nameof(value)),
    };

    /// <summary>The kind of a value as Go's <c>kindOf</c> of an interface would say: the C# null is <c>invalid</c>.</summary>
    public static GoKind KindOf(object? value) => value is null or NoValue ? GoKind.Invalid : Of(value).Kind;

    /// <summary>How Go writes a kind.</summary>
    public static string NameOf(GoKind kind) => kind switch
    {
        GoKind.Pointer => "ptr",
        _ => kind.ToString().ToLowerInvariant(),
    };

    /// <summary>Whether a value of this type may be passed where the other type is wanted.</summary>
    internal bool AssignableTo(GoType target) =>
        ReferenceEquals(this, target)
        || target.Kind == GoKind.Interface
        || Name == target.Name
        || (_underlying is not null && _underlying.Name == target.Name)
        || (target._underlying is not null && target._underlying.Name == Name);

    /// <inheritdoc/>
    public override string ToString() => Name;
}
