namespace Capstan.GitHost.Pushes;

/// <summary>The hook that keeps a push from changing a folder: git runs it before any ref moves, when it has the new objects.</summary>
internal static class PushGuard
{
    // Trees are compared, so that it does not matter by which commits the folder would have changed. What the repository's default branch has may
    // stand on any branch.
    private const string PreReceive = """
        #!/bin/sh
        # Written by Capstan at each start.
        [ -n "$CAPSTAN_GUARDED" ] || exit 0
        tree() { git rev-parse --quiet --verify "$1:$CAPSTAN_GUARDED" 2>/dev/null; }
        refused=0
        while read -r old new ref; do
          case $new in *[!0]*) ;; *) continue ;; esac
          now=$(tree "$new")
          [ "$now" = "$(tree HEAD)" ] && continue
          case $old in *[!0]*) [ "$now" = "$(tree "$old")" ] && continue ;; esac
          echo "$ref: this token may not change $CAPSTAN_GUARDED; somebody who may push has to" >&2
          refused=1
        done
        exit $refused

        """;

    /// <summary>Writes the hook into its folder.</summary>
    public static async Task WriteAsync(string folder, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, "pre-receive");
        await File.WriteAllTextAsync(path, PreReceive, cancellation).ConfigureAwait(false);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
