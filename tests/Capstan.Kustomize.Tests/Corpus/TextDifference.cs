namespace Capstan.Kustomize.Tests.Corpus;

/// <summary>Tells the first difference of two texts.</summary>
internal static class TextDifference
{
    public static string? Between(string expected, string actual)
    {
        if (expected == actual)
        {
            return null;
        }

        var (left, right) = (expected.Split('\n'), actual.Split('\n'));
        for (var i = 0; i < Math.Max(left.Length, right.Length); i++)
        {
            var (wanted, found) = (i < left.Length ? left[i] : "(end)", i < right.Length ? right[i] : "(end)");
            if (wanted != found)
            {
                return $"line {i + 1}: expected «{wanted}», got «{found}»";
            }
        }

        return "they differ";
    }
}
