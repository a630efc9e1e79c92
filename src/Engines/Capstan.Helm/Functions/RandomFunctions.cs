using System.Security.Cryptography;
using Capstan.GoTemplates;
using static Capstan.Helm.Functions.FunctionTable;

namespace Capstan.Helm.Functions;

/// <summary>Random texts and numbers, from the system's secure source.</summary>
internal static class RandomFunctions
{
    private const string Letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private const string Digits = "0123456789";

    private static readonly string Printable = string.Concat(Enumerable.Range(' ', 95).Select(static c => (char)c));

    public static readonly GoFunction[] All =
    [
        Of("randAlphaNum", [GoType.Int], static (call, a) => Text(call, a.Int(0), Letters + Digits)),
        Of("randAlpha", [GoType.Int], static (call, a) => Text(call, a.Int(0), Letters)),
        Of("randNumeric", [GoType.Int], static (call, a) => Text(call, a.Int(0), Digits)),
        Of("randAscii", [GoType.Int], static (call, a) => Text(call, a.Int(0), Printable)),
        Of("randBytes", [GoType.Int], static (call, a) => Bytes(call, a.Int(0))),
        Of("randInt", [GoType.Int, GoType.Int], static (_, a) => Number(a.Int(0), a.Int(1))),
        Of("uuidv4", [], static (_, _) => Guid.NewGuid().ToString()),
        Of("shuffle", [GoType.String], static (_, a) => Shuffle(a.Text(0))),
    ];

    private static string Text(TemplateCall call, int count, string characters)
    {
        if (count <= 0)
        {
            return "";
        }

        call.Budget.Expect(count);
        return RandomNumberGenerator.GetString(characters, count);
    }

    private static string Bytes(TemplateCall call, int count)
    {
        if (count < 0)
        {
            throw new GoException("runtime error: makeslice: len out of range");
        }

        call.Budget.Expect(count);
        return Convert.ToBase64String(RandomNumberGenerator.GetBytes(count));
    }

    private static object Number(int from, int to) =>
        from >= to ? throw new GoException("invalid argument to Intn") : GoValues.Int(RandomNumberGenerator.GetInt32(from, to));

    private static string Shuffle(string text)
    {
        var characters = text.ToCharArray();
        RandomNumberGenerator.Shuffle<char>(characters);
        return new string(characters);
    }
}
