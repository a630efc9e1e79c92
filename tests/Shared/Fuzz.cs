using System.Diagnostics;
using System.Globalization;
using System.Text;
using Xunit.Sdk;

namespace Capstan.Testing;

/// <summary>
/// Feeds a parser with mutated input: seconds in the ordinary run, minutes with CAPSTAN_TEST_FUZZ=full (./test --fuzz). An input that shows
/// something new (by what the target answers) joins the corpus. The seed is printed and CAPSTAN_TEST_FUZZ_SEED sets it. A stack overflow
/// ends the process, which is a failure too.
/// </summary>
internal static class Fuzz
{
    private const int Longest = 64 * 1024;
    private const int MostKept = 4000;
    private const long MostBytes = 256L << 20;
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(5);

    private static readonly byte[] Interesting = [0, 1, 9, 10, 13, 32, 34, 38, 39, 42, 45, 46, 47, 48, 57, 58, 60, 62, 91, 92, 93, 96, 123, 124, 125, 127, 128, 0xc0, 0xe2, 0xed, 0xf4, 0xff];

    private static bool Full => Environment.GetEnvironmentVariable("CAPSTAN_TEST_FUZZ") == "full";

    /// <summary>Runs one target.</summary>
    /// <param name="corpus">Honest inputs to begin with.</param>
    /// <param name="words">What the language is made of.</param>
    /// <param name="target">Takes an input and says in a few words what it made of it; throws only what is a finding.</param>
    public static void Run(IEnumerable<string> corpus, string[] words, Func<byte[], string> target)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("CAPSTAN_TEST_FUZZ_SEED"), CultureInfo.InvariantCulture, out var given) ? given
            : Full ? Random.Shared.Next(1_000_000) : 1;
        var random = new Random(seed);
        var kept = corpus.Select(Encoding.UTF8.GetBytes).Append([]).ToList();
        var tokens = words.Select(Encoding.UTF8.GetBytes).ToArray();
        var features = new HashSet<string>(StringComparer.Ordinal);
        var clock = Stopwatch.StartNew();
        var limit = Full ? TimeSpan.FromMinutes(2) : TimeSpan.FromSeconds(2);
        var runs = 0;
        foreach (var honest in kept.ToList())
        {
            _ = features.Add(One(target, honest, seed));
        }

        while (clock.Elapsed < limit)
        {
            var input = kept[random.Next(kept.Count)];
            for (var i = random.Next(1, 5); i > 0; i--)
            {
                input = Mutate(input, kept, tokens, random);
            }

            runs++;
            if (features.Add(Plain(One(target, input, seed))) && kept.Count < MostKept)
            {
                kept.Add(input);
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}: {runs:N0} inputs, {features.Count:N0} different answers, {kept.Count:N0} inputs kept");
    }

    private static string One(Func<byte[], string> target, byte[] input, int seed)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var clock = Stopwatch.StartNew();
        try
        {
            var answer = target(input);
            Expect(GC.GetAllocatedBytesForCurrentThread() - before < MostBytes, "took more than 256 MB", input, seed);
            if (clock.Elapsed > Hang)
            {
                // A machine that was busy once is forgiven.
                clock.Restart();
                _ = target(input);
                Expect(clock.Elapsed < Hang, $"took {clock.Elapsed.TotalSeconds:0.0} s", input, seed);
            }

            return answer;
        }
        catch (Exception failure) when (failure is not XunitException)
        {
            throw new XunitException($"seed {seed}: {failure.GetType().Name}: {failure.Message}\ninput: {Convert.ToBase64String(input)}\n{Shown(input)}\n{failure.StackTrace}");
        }
    }

    private static void Expect(bool holds, string said, byte[] input, int seed)
    {
        if (!holds)
        {
            throw new XunitException($"seed {seed}: {said}\ninput: {Convert.ToBase64String(input)}\n{Shown(input)}");
        }
    }

    private static string Shown(byte[] input) => Encoding.UTF8.GetString(input.AsSpan(0, Math.Min(input.Length, 500)));

    // What an answer says beside its numbers and quoted parts.
    private static string Plain(string answer)
    {
        var plain = new StringBuilder();
        var quoted = false;
        foreach (var c in answer.AsSpan(0, Math.Min(answer.Length, 200)))
        {
            quoted ^= c == '"';
            if (!quoted && !char.IsAsciiDigit(c))
            {
                plain.Append(c);
            }
        }

        return plain.ToString();
    }

    private static byte[] Mutate(byte[] input, List<byte[]> kept, byte[][] tokens, Random random)
    {
        var at = random.Next(input.Length + 1);
        var length = random.Next(0, Math.Min(input.Length - at, 40) + 1);
        byte[] result = random.Next(8) switch
        {
            0 when input.Length > 0 => Flipped(input, random),
            1 => [.. input[..at], .. input[(at + length)..]],
            2 => [.. input[..(at + length)], .. input[at..]],
            3 => [.. input[..at], .. tokens[random.Next(tokens.Length)], .. input[at..]],
            4 => Spliced(input, at, kept[random.Next(kept.Count)], random),
            5 => Repeated(input, at, length, tokens, random),
            _ => [.. input[..at], Interesting[random.Next(Interesting.Length)], .. input[Math.Min(at + random.Next(2), input.Length)..]],
        };
        return result.Length <= Longest ? result : result[..Longest];
    }

    private static byte[] Flipped(byte[] input, Random random)
    {
        var result = (byte[])input.Clone();
        result[random.Next(result.Length)] ^= (byte)(1 << random.Next(8));
        return result;
    }

    private static byte[] Spliced(byte[] input, int at, byte[] other, Random random) => [.. input[..at], .. other[random.Next(other.Length + 1)..]];

    // Depth: the same piece many times over.
    private static byte[] Repeated(byte[] input, int at, int length, byte[][] tokens, Random random)
    {
        var piece = length > 0 ? input[at..(at + length)] : tokens[random.Next(tokens.Length)];
        var times = 1 << random.Next(1, 13);
        return [.. input[..at], .. Enumerable.Repeat(piece, Math.Min(times, Longest / Math.Max(1, piece.Length))).SelectMany(p => p), .. input[at..]];
    }
}
