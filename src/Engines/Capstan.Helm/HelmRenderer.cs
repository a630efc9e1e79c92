using Capstan.GoTemplates;
using Capstan.Helm.Charts;
using Capstan.Helm.Functions;
using Capstan.Helm.Rendering;

namespace Capstan.Helm;

/// <summary>
/// Renders charts to the bytes of <c>helm template</c> (4.1.4), in this process. Charts and templates that were seen are kept, so that a
/// second rendering with other values is fast. Safe for several threads.
/// </summary>
public sealed class HelmRenderer
{
    // Go's stacks grow; a thread's does not. Charts may include 1,000 templates in one another, and only what is used is committed.
    private const int StackBytes = 256 * 1024 * 1024;

    private readonly TemplateLanguage _language = new(FunctionTable.All);
    private readonly ChartLoader _loader = new();

    /// <summary>Renders a chart. Errors of the chart, its values or its templates are in the result, not thrown.</summary>
    /// <exception cref="OperationCanceledException">The rendering was cancelled.</exception>
    public HelmRenderResult Render(HelmRenderRequest request, CancellationToken cancellation = default)
    {
        HelmRenderResult? result = null;
        Exception? failure = null;
        var thread = new Thread(Run, StackBytes) { Name = "helm render", IsBackground = true };
        thread.Start();
        thread.Join();
        if (failure is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }

        return result!;

        void Run()
        {
            // An exception that left the thread would end the process; the caller gets it instead.
            try
            {
                result = new ChartRendering(_language, _loader, request, cancellation).Render();
            }
            catch (Exception error)
            {
                failure = error;
            }
        }
    }
}
