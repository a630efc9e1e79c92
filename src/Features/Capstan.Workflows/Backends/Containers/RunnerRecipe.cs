namespace Capstan.Workflows.Backends.Containers;

/// <summary>How the runner's own image is made: a release of Debian and packages of it. The same recipe gives the same name, so it is made once.</summary>
public sealed record RunnerRecipe
{
    /// <summary>The packages that jobs on <c>ubuntu-latest</c> expect, as far as Debian has them.</summary>
    public static readonly IReadOnlyList<string> UsualPackages =
    [
        "ca-certificates", "curl", "default-jdk-headless", "file", "g++", "gcc", "git", "golang-go", "jq", "libc6-dev", "make", "nodejs", "npm", "openssh-client", "patch", "procps",
        "python3", "python3-pip", "python3-venv", "rsync", "unzip", "xz-utils", "zip", "zstd",
    ];

    /// <summary>The image's name without its tag.</summary>
    public const string Name = "localhost/capstan/runner";

    /// <summary>The release; empty for that of this machine when it is a Debian, otherwise <see cref="UsualSuite"/>.</summary>
    public string Suite { get; init; } = "";

    /// <summary>The release where this machine is no Debian.</summary>
    public const string UsualSuite = "trixie";

    /// <summary>The packages besides the smallest system.</summary>
    public IReadOnlyList<string> Packages { get; init; } = UsualPackages;

    /// <summary>The image that packages are put into where this machine has no <c>mmdebstrap</c>; <c>{suite}</c> is the release.</summary>
    public string Base { get; init; } = "docker.io/library/debian:{suite}-slim";

    /// <summary>The labels of <c>runs-on</c> that it is for, when nothing else is set for them.</summary>
    public IReadOnlyList<string> Labels { get; init; } = ["ubuntu-latest", "ubuntu-24.04", "ubuntu-22.04", "debian-latest", "linux", "self-hosted"];

    /// <summary>The image's tag, which follows from what is in it.</summary>
    public string Tag(string suite) => $"{suite}-{Runs.RunNames.Hash(string.Join('\n', [suite, .. Packages]))}";

    /// <summary>The release of Debian that <c>/etc/os-release</c> tells; empty when this machine is none.</summary>
    public static string SuiteOf(string osRelease)
    {
        var lines = osRelease.Split('\n').Select(l => l.Split('=', 2)).Where(p => p.Length == 2).ToDictionary(p => p[0], p => p[1].Trim('"'), StringComparer.Ordinal);
        return lines.GetValueOrDefault("ID") == "debian" ? lines.GetValueOrDefault("VERSION_CODENAME", "") : "";
    }
}
