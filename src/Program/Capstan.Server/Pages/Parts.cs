using Capstan.Api.Applications;

namespace Capstan.Server.Pages;

/// <summary>Applications in a card.</summary>
/// <param name="Rows">The applications.</param>
/// <param name="Now">When the page was made.</param>
public sealed record RowsPart(IReadOnlyList<ApplicationRow> Rows, DateTimeOffset Now);

/// <summary>The head of an application's pages.</summary>
/// <param name="Head">The application.</param>
/// <param name="Frame">Around the page.</param>
public sealed record HeadPart(ApplicationHead Head, Frame Frame);

/// <summary>Events of the cluster as a table.</summary>
/// <param name="Events">The events.</param>
/// <param name="Now">When the page was made.</param>
public sealed record EventsPart(IReadOnlyList<Happening> Events, DateTimeOffset Now);

/// <summary>A plan's changes.</summary>
/// <param name="Plan">The plan.</param>
/// <param name="Split">Whether wanted and live stand side by side.</param>
/// <param name="Now">When the page was made.</param>
public sealed record PlanPart(PlanReport Plan, bool Split, DateTimeOffset Now);
