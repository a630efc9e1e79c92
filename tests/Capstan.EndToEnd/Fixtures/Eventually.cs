using System.Diagnostics;

namespace Capstan.EndToEnd.Fixtures;

/// <summary>Waits for what comes by itself, with a deadline.</summary>
internal static class Eventually
{
    public static async Task BecomesAsync(string what, Func<Task<bool>> reached, TimeSpan? limit = null)
    {
        var started = Stopwatch.StartNew();
        while (!await reached())
        {
            Assert.True(started.Elapsed < (limit ?? TimeSpan.FromSeconds(30)), $"did not happen in time: {what}");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }
}
