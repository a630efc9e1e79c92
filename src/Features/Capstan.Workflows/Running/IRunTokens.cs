namespace Capstan.Workflows.Running;

/// <summary>Makes the token of a run; the program binds it to the book of tokens.</summary>
public interface IRunTokens
{
    /// <summary>Makes the token of one run: it may read the run's repository, and nothing else. It ends when it is disposed, or by itself.</summary>
    IRunToken Issue(string run, string repository);
}

/// <summary>The token of a run.</summary>
public interface IRunToken : IDisposable
{
    /// <summary>The token in the clear.</summary>
    string Text { get; }
}
