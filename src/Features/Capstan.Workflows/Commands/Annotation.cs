namespace Capstan.Workflows.Commands;

/// <summary>A notice, warning or error that a run has about the code.</summary>
/// <param name="Level"><c>notice</c>, <c>warning</c> or <c>error</c>.</param>
/// <param name="Message">What it says.</param>
/// <param name="File">The file; empty for none.</param>
/// <param name="Line">The line; 0 for none.</param>
/// <param name="Column">The column; 0 for none.</param>
/// <param name="Title">Its title; empty for none.</param>
public sealed record Annotation(string Level, string Message, string File = "", int Line = 0, int Column = 0, string Title = "");
