using System.Runtime.CompilerServices;

namespace Capstan.Expressions.Tests;

/// <summary>The files and values that the tests share.</summary>
internal static class TestFiles
{
    public static string Root { get; } = Path.GetFullPath("../..", Here());

    public static string Data { get; } = Path.Combine(Here(), "testdata");

    public static string Contexts { get; } = Path.Combine(Data, "contexts.json");

    public static ObjectValue Values { get; } = (ObjectValue)ExpressionJson.Read(File.ReadAllText(Contexts));

    public static ExpressionLanguage Language { get; } = new(Values.Entries.Select(e => e.Key));

    public static EvaluationContext Context { get; } = new(Values.Entries);

    private static string Here([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
