using Microsoft.Extensions.Logging;

namespace Capstan.LocalCluster.Tests.Controllers;

/// <summary>Sends the server's warnings and errors to the test's output, where a failure shows them.</summary>
internal sealed class TestLog : ILoggerFactory, ILogger
{
    public void AddProvider(ILoggerProvider provider)
    {
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            Console.Error.WriteLine($"{logLevel} {eventId.Id}: {formatter(state, exception)} {exception}");
        }
    }

    public void Dispose()
    {
    }
}
