using Capstan.Api.Applications;
using Capstan.Resources;
using Capstan.Yaml;

namespace Capstan.Api.Tests;

public class ApplicationSummaryTests
{
    [Fact]
    public void An_application_nobody_looked_at_yet_is_unknown_and_not_green()
    {
        var summary = ApplicationSummary.Of(new KubernetesObject((YamlMap)JsonText.Read("""{"metadata":{"name":"a"},"spec":{"source":{"repoURL":"r"}}}""")));
        Assert.Equal(("Unknown", "Unknown", false, false), (summary.Sync, summary.Health, summary.IsGreen, summary.IsBusy));
        Assert.Equal("r", summary.Source);
    }

    [Fact]
    public void An_application_whose_sync_waits_is_busy_though_green()
    {
        var summary = ApplicationSummary.Of(new KubernetesObject((YamlMap)JsonText.Read(
            """{"metadata":{"name":"a"},"operation":{"sync":{}},"status":{"sync":{"status":"Synced","revision":"c"},"health":{"status":"Healthy"}}}""")));
        Assert.True(summary is { IsGreen: true, IsBusy: true, Revision: "c" });
    }
}
