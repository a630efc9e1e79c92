namespace Capstan.Server.Pages;

/// <summary>What stands around every page.</summary>
/// <param name="Title">The page's title.</param>
/// <param name="Area">The entry of the menu that it belongs to; empty for none.</param>
/// <param name="Who">Who is signed in; empty for nobody.</param>
/// <param name="Guard">The session's word, which every form carries; empty without a session.</param>
/// <param name="Theme"><c>light</c>, <c>dark</c>, or empty for the system's.</param>
/// <param name="Path">The page's own address, to which switches come back.</param>
public sealed record Frame(string Title, string Area, string Who, string Guard, string Theme, string Path)
{
    /// <summary>The stream of changes that the page follows; empty for none.</summary>
    public string Live { get; init; } = "";

    /// <summary>The worst state on the page, shown by the icon of its tab.</summary>
    public string Badge { get; init; } = "";

    /// <summary>When the page was made.</summary>
    public DateTimeOffset Now { get; init; }

    /// <summary>The version of the program.</summary>
    public string Version { get; init; } = "";
}

/// <summary>A page that says one thing: what is not there, what went wrong, what to do next.</summary>
/// <param name="Frame">Around it.</param>
/// <param name="Heading">What it is about.</param>
/// <param name="Detail">What happened.</param>
/// <param name="Next">What to do next; empty for nothing.</param>
public sealed record MessageModel(Frame Frame, string Heading, string Detail, string Next);

/// <summary>The page where one signs in.</summary>
/// <param name="Frame">Around it.</param>
/// <param name="Next">Where to go afterwards; a path on this server.</param>
/// <param name="Problem">What went wrong before; empty at first.</param>
/// <param name="HasUsers">Whether there are local users.</param>
public sealed record SignInModel(Frame Frame, string Next, string Problem, bool HasUsers)
{
    /// <summary>The name of the OpenID provider; empty where there is none.</summary>
    public string Provider { get; init; } = "";
}
