using System.Diagnostics;

namespace Capstan.GoTemplates;

/// <summary>What a rendering may use before it is stopped.</summary>
public sealed record TemplateLimits
{
    /// <summary>The limits for charts of strangers.</summary>
    public static readonly TemplateLimits Default = new();

    /// <summary>Characters of one string or output. 100 million.</summary>
    public long MaxText { get; init; } = 100_000_000;

    /// <summary>Characters that functions and templates may produce together. 2 billion.</summary>
    public long MaxProduced { get; init; } = 2_000_000_000;

    /// <summary>Wall time. 90 seconds.</summary>
    public TimeSpan MaxTime { get; init; } = TimeSpan.FromSeconds(90);
}

/// <summary>Counts what a rendering uses. For one rendering, on one thread.</summary>
/// <param name="limits">What may be used.</param>
/// <param name="time">The clock.</param>
/// <param name="cancellation">Stops the rendering from outside.</param>
public sealed class TemplateBudget(TemplateLimits limits, TimeProvider time, CancellationToken cancellation)
{
    private const int StepsBetweenChecks = 1024;

    private readonly long _started = time.GetTimestamp();
    private long _produced;
    private int _steps;

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; } = time;

    /// <summary>Characters that one string may have.</summary>
    public long MaxText => limits.MaxText;

    /// <summary>Counts one small step; now and then looks at the clock.</summary>
    /// <exception cref="TemplateLimitException">The time is up.</exception>
    /// <exception cref="OperationCanceledException">The rendering was cancelled.</exception>
    public void Step()
    {
        if (++_steps >= StepsBetweenChecks)
        {
            Check();
        }
    }

    /// <summary>Counts the call of a function. Some (keys, certificates, regular expressions over large texts) take a second each, so the clock is looked at every time.</summary>
    /// <exception cref="TemplateLimitException">The time is up.</exception>
    /// <exception cref="OperationCanceledException">The rendering was cancelled.</exception>
    public void CallFunction() => Check();

    /// <summary>Counts characters (or items of about that size) that were produced.</summary>
    /// <exception cref="TemplateLimitException">Too much was produced, or the time is up.</exception>
    public void Charge(long characters)
    {
        _produced += characters;
        if (_produced > limits.MaxProduced)
        {
            throw new TemplateLimitException(
                $"the templates produced more than {limits.MaxProduced:N0} characters together; simplify the chart or raise the limit");
        }

        if (characters > 100_000)
        {
            Check();
        }
    }

    /// <summary>Makes sure, before it is made, that one string of this length is allowed.</summary>
    /// <exception cref="TemplateLimitException">It would be too long.</exception>
    public void Expect(long characters)
    {
        if (characters > limits.MaxText)
        {
            throw new TemplateLimitException($"one text would have {characters:N0} characters, more than the {limits.MaxText:N0} allowed");
        }
    }

    private void Check()
    {
        _steps = 0;
        cancellation.ThrowIfCancellationRequested();
        if (Time.GetElapsedTime(_started) > limits.MaxTime)
        {
            throw new TemplateLimitException($"the templates ran longer than {limits.MaxTime.TotalSeconds:0} seconds");
        }
    }
}

/// <summary>Collects output.</summary>
internal sealed class OutputBuffer(TemplateBudget budget)
{
    private char[] _characters = new char[1024];
    private int _length;

    public int Length => _length;

    /// <summary>What wrote each part; null when nobody wants to know.</summary>
    public List<OutputPiece>? Pieces { get; init; }

    public void Append(string text)
    {
        if (text.Length > _characters.Length - _length)
        {
            Grow(text.Length);
        }

        text.CopyTo(0, _characters, _length, text.Length);
        _length += text.Length;
    }

    public string Take()
    {
        var text = new string(_characters, 0, _length);
        budget.Charge(_length);
        _length = 0;
        return text;
    }

    private void Grow(int more)
    {
        budget.Expect((long)_length + more);
        Array.Resize(ref _characters, (int)Math.Max(Math.Min(2L * _characters.Length, Array.MaxLength), _length + more));
        Debug.Assert(_characters.Length - _length >= more, "the buffer has room");
    }
}
