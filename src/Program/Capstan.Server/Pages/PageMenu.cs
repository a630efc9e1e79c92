namespace Capstan.Server.Pages;

/// <summary>The places that every page leads to.</summary>
public static class PageMenu
{
    /// <summary>The menu; the key leads there behind <c>g</c>.</summary>
    public static readonly IReadOnlyList<(string Area, string Address, char Key)> Entries =
    [
        ("Overview", "/", 'o'), ("Applications", "/applications", 'a'), ("Pipelines", "/pipelines", 'p'), ("Runs", "/runs", 'u'), ("Repositories", "/repositories", 'r'),
        ("Images", "/images", 'i'), ("Activity", "/activity", 'y'), ("Clusters", "/clusters", 'c'),
    ];

    /// <summary>Places that the menu does not name and the palette finds.</summary>
    public static readonly IReadOnlyList<(string Area, string Address)> Others =
    [
        ("Trace", "/trace"), ("Projects", "/projects"), ("People and rights", "/people"), ("Notifications", "/notifications"), ("Documentation", "/docs"), ("Account and tokens", "/account"),
    ];

    /// <summary>The tabs of an application.</summary>
    public static readonly IReadOnlyList<(string Name, string Path)> ApplicationTabs =
    [
        ("Resources", ""), ("Difference", "/diff"), ("Timeline", "/timeline"), ("History", "/history"), ("Logs", "/logs"), ("Events", "/events"), ("Manifests", "/manifests"),
    ];
}

/// <summary>Says that a route is a page: what fails is told as a page, and who is not signed in is led to where one is.</summary>
internal sealed record IsPage
{
    public static readonly IsPage Yes = new();
}
