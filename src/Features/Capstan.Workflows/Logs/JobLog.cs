using Capstan.Access.Secrets;

namespace Capstan.Workflows.Logs;

/// <summary>What one job writes: every line masked before it goes anywhere.</summary>
/// <param name="log">The run's log.</param>
/// <param name="job">The job's key.</param>
/// <param name="secrets">What is masked from the beginning.</param>
internal sealed class JobLog(RunLog log, string job, IEnumerable<SecretText> secrets)
{
    private const int MostMasks = 10_000;
    private readonly List<SecretText> _secrets = [.. secrets];
    private volatile Redactor _redactor = new(secrets);

    /// <summary>Writes a line.</summary>
    public void Write(string line) => log.Append(job, Mask(line));

    /// <summary>Masks one more secret from now on.</summary>
    public void AddMask(string secret)
    {
        lock (_secrets)
        {
            if (secret.Length == 0 || _secrets.Count >= MostMasks || _secrets.Any(s => s.Matches(secret))) return;
            _secrets.Add(new SecretText(secret));
            _redactor = new Redactor(_secrets);
        }
    }

    /// <summary>A text with its secrets masked.</summary>
    public string Mask(string text) => _redactor.Redact(text);
}
