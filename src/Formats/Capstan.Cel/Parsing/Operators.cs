namespace Capstan.Cel.Parsing;

/// <summary>Operators as functions, under the names that Google's implementation shows in messages.</summary>
internal static class Operators
{
    public const string Not = "!_";
    public const string Negate = "-_";
    public const string In = "@in";
    public const string Equal = "_==_";
    public const string NotEqual = "_!=_";

    public static string Of(string symbol) => symbol == "in" ? In : $"_{symbol}_";
}
