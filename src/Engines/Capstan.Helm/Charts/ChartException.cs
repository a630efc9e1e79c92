namespace Capstan.Helm.Charts;

/// <summary>A chart, its values or its arguments that cannot be used. The message is Helm's own where Helm has one.</summary>
public class ChartException : Exception
{
    /// <summary>Makes the error.</summary>
    public ChartException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
