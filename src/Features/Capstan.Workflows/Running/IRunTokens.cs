namespace Capstan.Workflows.Running;

/// <summary>Makes the tokens of jobs; the program binds it to the book of tokens.</summary>
public interface IRunTokens
{
    /// <summary>Makes the token of one job. It ends when it is disposed, or by itself.</summary>
    /// <param name="job">The run and the job, which the history shows.</param>
    /// <param name="repository">The run's repository; the token opens nothing else.</param>
    /// <param name="permissions">What it may do there.</param>
    IRunToken Issue(string job, string repository, RunPermissions permissions);
}

/// <summary>The token of a job.</summary>
public interface IRunToken : IDisposable
{
    /// <summary>The token in the clear.</summary>
    string Text { get; }
}
