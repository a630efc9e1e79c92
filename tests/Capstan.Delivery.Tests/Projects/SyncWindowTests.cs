using Capstan.Delivery.Projects;
using Capstan.Delivery.Projects.Windows;

namespace Capstan.Delivery.Tests.Projects;

/// <summary>Statements 66 to 69 of Argo CD's sync windows.</summary>
public sealed class SyncWindowTests
{
    // A Wednesday.
    private static readonly DateTimeOffset Noon = new(2030, 1, 2, 12, 0, 0, TimeSpan.Zero);

    private const string OpenAllow = """{"kind":"allow","schedule":"0 11 * * *","duration":"2h","applications":["*"]}""";
    private const string ShutAllow = """{"kind":"allow","schedule":"0 22 * * *","duration":"1h","applications":["*"]}""";
    private const string ShutAllowManual = """{"kind":"allow","schedule":"0 22 * * *","duration":"1h","applications":["*"],"manualSync":true}""";
    private const string OpenDeny = """{"kind":"deny","schedule":"0 11 * * *","duration":"2h","applications":["*"]}""";
    private const string OpenDenyManual = """{"kind":"deny","schedule":"30 11 * * *","duration":"2h","applications":["*"],"manualSync":true}""";
    private const string ShutDeny = """{"kind":"deny","schedule":"0 22 * * *","duration":"1h","applications":["*"]}""";

    private static AppProject Project(string windows) =>
        ProjectReader.Read(Make.Object($$"""{"apiVersion":"argoproj.io/v1alpha1","kind":"AppProject","metadata":{"name":"p"},"spec":{"syncWindows":[{{windows}}]} }"""));

    private static IReadOnlyList<SyncWindow> Windows(params string[] windows)
    {
        var project = Project(string.Join(',', windows));
        Assert.Empty(project.Problems);
        return project.Windows;
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, true, OpenAllow)]
    [InlineData(false, false, ShutAllow)]
    [InlineData(false, true, ShutAllowManual)]
    [InlineData(false, false, ShutAllowManual, ShutAllow)]
    [InlineData(true, true, OpenAllow, ShutAllow)]
    [InlineData(true, true, ShutDeny)]
    [InlineData(false, false, OpenDeny)]
    [InlineData(false, false, OpenDeny, OpenAllow)]
    [InlineData(false, true, OpenDenyManual)]
    [InlineData(false, false, OpenDenyManual, OpenDeny)]
    [InlineData(false, true, OpenDenyManual, OpenAllow)]
    [InlineData(false, false, ShutDeny, ShutAllow)]
    public void Denies_beat_allows_and_a_person_needs_the_leave_of_all_that_are_against(bool automated, bool manual, params string[] windows)
    {
        var decision = WindowDecision.Of(Windows(windows), Noon);
        Assert.Equal((automated, manual), (decision.Permits(manual: false), decision.Permits(manual: true)));
    }

    [Fact]
    public void The_reason_names_the_window_and_when_it_ends()
    {
        Assert.Equal("the deny window \"0 11 * * *\" for 2h (UTC) is open; that changes at 2030-01-02T13:00:00Z", WindowDecision.Of(Windows(OpenDeny), Noon).Message);
        Assert.Equal("no allow window is open, as the allow window \"0 22 * * *\" for 1h (UTC); that changes at 2030-01-02T22:00:00Z", WindowDecision.Of(Windows(ShutAllow), Noon).Message);
    }

    [Theory]
    [InlineData("0 12 * * *", "1h", "", true)]
    [InlineData("0 11 * * *", "1h", "", false)]
    [InlineData("1 12 * * *", "24h", "", true)]
    [InlineData("0 13 * * *", "1h", "Europe/Berlin", true)]
    [InlineData("0 12 * * *", "1h", "Europe/Berlin", false)]
    [InlineData("0 12 * * 3", "1h", "", true)]
    [InlineData("0 12 * * 4", "1h", "", false)]
    [InlineData("0 12 5 * 3", "1h", "", true)]
    [InlineData("0 12 2 * 4", "1h", "", true)]
    [InlineData("0 12 5 * 4", "1h", "", false)]
    [InlineData("@daily", "13h", "", true)]
    public void A_window_is_open_from_its_time_until_its_duration_is_over(string schedule, string duration, string zone, bool open) =>
        Assert.Equal(open, Windows($$"""{"kind":"deny","schedule":"{{schedule}}","duration":"{{duration}}","timeZone":"{{zone}}","applications":["*"]}""")[0].OpenSince(Noon) is not null);

    [Theory]
    [InlineData("\"applications\":[\"sh*\"]", true)]
    [InlineData("\"applications\":[\"other\"]", false)]
    [InlineData("\"applications\":[\"other\"],\"namespaces\":[\"shop\"]", true)]
    [InlineData("\"applications\":[\"other\"],\"namespaces\":[\"shop\"],\"andOperator\":true", false)]
    [InlineData("\"applications\":[\"shop\"],\"namespaces\":[\"shop\"],\"andOperator\":true", true)]
    [InlineData("\"clusters\":[\"in-cluster\"]", true)]
    [InlineData("\"clusters\":[\"https://kubernetes.default.svc\"]", true)]
    [InlineData("\"clusters\":[\"prod-*\"]", false)]
    [InlineData("\"manualSync\":false", false)]
    public void A_window_is_about_an_application_by_name_namespace_or_cluster(string selectors, bool matches) => Assert.Equal(
        matches,
        Windows($$"""{"kind":"deny","schedule":"* * * * *","duration":"1h",{{selectors}} }""")[0].Matches(Make.Automated(), "https://kubernetes.default.svc"));

    [Theory]
    [InlineData("true", "0 11 * * *", true)]
    [InlineData("false", "0 11 * * *", false)]
    [InlineData("true", "0 9 * * *", false)]
    public void A_sync_overruns_only_where_all_windows_let_it_and_it_began_rightly(string overrun, string schedule, bool goesOn)
    {
        var windows = Windows($$"""{"kind":"deny","schedule":"{{schedule}}","duration":"4h","applications":["*"],"syncOverrun":{{overrun}} }""");
        Assert.Equal(goesOn, WindowDecision.GoesOn(windows, Noon.AddHours(-1.5), Noon, manual: false));
    }

    [Theory]
    [InlineData("""{"kind":"maybe","schedule":"* * * * *","duration":"1h"}""", "spec.syncWindows[0].kind must be allow or deny, it is \"maybe\"")]
    [InlineData("""{"kind":"deny","schedule":"* * * * *"}""", "spec.syncWindows[0].duration must be longer than nothing, like 1h")]
    [InlineData("""{"kind":"deny","schedule":"61 * * * *","duration":"1h"}""", "spec.syncWindows[0].schedule: \"61 * * * *\" is no schedule")]
    [InlineData("""{"kind":"deny","schedule":"* * * * *","duration":"1h","timeZone":"Mars/Olympus"}""", "spec.syncWindows[0].schedule: timeZone \"Mars/Olympus\" is not known; write it like Europe/Berlin")]
    [InlineData("""{"kind":"deny","schedule":"* * * * *","duration":"1h","surprise":"x"}""", "spec.syncWindows[0].surprise is not supported yet")]
    public void A_window_that_is_not_understood_is_a_problem_of_the_project(string window, string problem) =>
        Assert.StartsWith(problem, Assert.Single(Project(window).Problems), StringComparison.Ordinal);
}
