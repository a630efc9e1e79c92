namespace Capstan.Workflows;

/// <summary>A workflow, action or run that cannot go on; the message says what, where, why and what to do.</summary>
public sealed class WorkflowException(string message, Exception? inner = null) : Exception(message, inner);
