using Capstan.Workflows.Files;
using Capstan.Yaml;

namespace Capstan.Workflows.Actions;

/// <summary>An action that Capstan has in it, under GitHub's name, so that files from there run unchanged.</summary>
/// <param name="Name"><c>owner/name</c> or <c>owner/name/path</c>; the ref behind it does not count.</param>
/// <param name="Inputs">What it takes.</param>
/// <param name="Outputs">What it gives.</param>
public sealed record BuiltInAction(string Name, IReadOnlyList<Input> Inputs, IReadOnlyList<string> Outputs)
{
    /// <summary>Inputs that are taken and change nothing here, with the reason that the log tells.</summary>
    public string? Ignored { get; init; }
}

/// <summary>The actions that Capstan has in it.</summary>
public static class BuiltInActions
{
    private static readonly string[] Cache = ["path!", "key!", "restore-keys", "upload-chunk-size", "enableCrossOsArchive", "fail-on-cache-miss", "lookup-only", "save-always"];
    private static readonly string[] Setup = ["architecture", "check-latest", "token", "cache", "cache-dependency-path"];

    /// <summary>All of them, in the order of docs/reference/actions.md.</summary>
    public static readonly IReadOnlyList<BuiltInAction> All =
    [
        Action("actions/checkout",
            ["repository", "ref", "token", "ssh-key", "ssh-known-hosts", "ssh-strict", "ssh-user", "persist-credentials=true", "path", "clean=true", "filter", "sparse-checkout",
                "sparse-checkout-cone-mode", "fetch-depth=1", "fetch-tags=false", "show-progress", "lfs=false", "submodules=false", "set-safe-directory", "github-server-url"],
            ["ref", "commit"]),
        Action("actions/cache", Cache, ["cache-hit"]),
        Action("actions/cache/restore", Cache, ["cache-hit", "cache-primary-key", "cache-matched-key"]),
        Action("actions/cache/save", ["path!", "key!", "upload-chunk-size", "enableCrossOsArchive"], []),
        Action("actions/upload-artifact",
            ["name=artifact", "path!", "if-no-files-found=warn", "retention-days", "compression-level", "overwrite=false", "include-hidden-files=false"],
            ["artifact-id", "artifact-url", "artifact-digest"]),
        Action("actions/download-artifact", ["name", "artifact-ids", "path", "pattern", "merge-multiple=false", "github-token", "repository", "run-id"], ["download-path"]),
        Action("actions/setup-node", ["node-version", "node-version-file", "registry-url", "scope", "always-auth", "mirror", "mirror-token", "package-manager-cache", .. Setup], ["cache-hit", "node-version"]),
        Action("actions/setup-python", ["python-version", "python-version-file", "update-environment", "allow-prereleases", "freethreaded", "pip-version", "pip-install", .. Setup], ["python-version", "cache-hit", "python-path"]),
        Action("actions/setup-go", ["go-version", "go-version-file", "go-download-base-url", .. Setup], ["go-version", "cache-hit"]),
        Action("actions/setup-java",
            ["java-version", "java-version-file", "distribution", "java-package", "jdkFile", "server-id", "server-username", "server-password", "settings-path", "overwrite-settings",
                "gpg-private-key", "gpg-passphrase", "job-status", "mvn-toolchain-id", "mvn-toolchain-vendor", .. Setup],
            ["distribution", "version", "path", "cache-hit"]),
        Action("actions/setup-dotnet", ["dotnet-version", "dotnet-quality", "global-json-file", "source-url", "owner", "config-file", "workloads", .. Setup], ["dotnet-version", "cache-hit"]),
        Action("docker/setup-qemu-action", ["image", "platforms", "cache-image"], ["platforms"]) with { Ignored = "images are built outside the job, by Capstan" },
        Action("docker/setup-buildx-action",
            ["version", "name", "driver", "driver-opts", "buildkitd-flags", "buildkitd-config", "buildkitd-config-inline", "install", "use", "endpoint", "platforms", "append", "cache-binary", "cleanup", "keep-state"],
            ["name", "driver", "platforms", "nodes"]) with { Ignored = "images are built outside the job, by Capstan" },
        Action("docker/login-action", ["registry", "username", "password", "scope", "ecr", "logout", "registry-auth"], []),
        Action("docker/metadata-action",
            ["context", "images", "tags", "flavor", "labels", "annotations", "sep-tags", "sep-labels", "sep-annotations", "bake-target", "github-token"],
            ["version", "tags", "tag-names", "labels", "annotations", "json", "bake-file-tags", "bake-file-labels"]),
        Action("docker/build-push-action",
            ["context=.", "file", "push=false", "tags", "labels", "build-args", "platforms", "target", "load", "no-cache", "pull", "outputs", "provenance", "sbom", "secrets", "secret-envs", "secret-files", "ssh",
                "builder", "cache-from", "cache-to", "build-contexts", "add-hosts", "allow", "annotations", "attests", "call", "cgroup-parent", "network", "no-cache-filters", "shm-size", "ulimit", "github-token"],
            ["imageid", "digest", "metadata"]),
        Action("capstan/build-image", ["context=.", "file", "tags", "labels", "build-args", "platforms", "target", "push=true"], ["digest", "image", "imageid", "metadata"]),
        Action("capstan/publish", ["image!", "tags!"], ["digest"]),
        Action("capstan/apply", ["path!", "kubeconfig!", "name", "namespace", "recurse=false", "prune=false", "wait=false", "timeout-minutes=5", "dry-run=false"], ["changes"]),
    ];

    /// <summary>The built-in action of a reference, whatever its ref; null when there is none.</summary>
    public static BuiltInAction? Find(ActionReference reference)
    {
        if (reference.Origin != ActionOrigin.Repository) return null;
        var name = reference.Path.Length == 0 ? reference.Repository : $"{reference.Repository}/{reference.Path}";
        return All.FirstOrDefault(a => a.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
    }

    // An exclamation mark: required; behind an equals sign: what it is when it is not given.
    private static BuiltInAction Action(string name, string[] inputs, string[] outputs) => new(name, [.. inputs.Select(Declared)], outputs);

    private static Input Declared(string text)
    {
        if (text.EndsWith('!')) return new Input(text[..^1], Position.None) { Required = true };
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? new Input(text, Position.None) : new Input(text[..equals], Position.None) { Default = YamlScalar.String(text[(equals + 1)..]) };
    }
}
