using CsCheck;

namespace Capstan.Trees.Tests;

internal static class Words
{
    /// <summary>Generates one of these.</summary>
    public static Gen<string> Of(params string[] words) => Gen.Int[0, words.Length - 1].Select(i => words[i]);
}
