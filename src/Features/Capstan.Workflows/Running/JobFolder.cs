namespace Capstan.Workflows.Running;

/// <summary>The folder of one job on this machine.</summary>
/// <param name="Root">The whole.</param>
public sealed record JobFolder(string Root)
{
    /// <summary>The name of the work tree's folder.</summary>
    public const string WorkspaceName = "work";

    /// <summary>The name of the home's folder.</summary>
    public const string HomeName = "home";

    /// <summary>The work tree: <c>github.workspace</c>.</summary>
    public string Workspace => Path.Combine(Root, WorkspaceName);

    /// <summary>Temporary files of steps: <c>runner.temp</c>.</summary>
    public string Temp => Path.Combine(Root, "temp");

    /// <summary>Files that the runner hands to steps: scripts, the event, the files behind GITHUB_OUTPUT.</summary>
    public string Files => Path.Combine(Root, "files");

    /// <summary>Actions that were fetched.</summary>
    public string Actions => Path.Combine(Root, "actions");

    /// <summary>The home of the user.</summary>
    public string Home => Path.Combine(Root, HomeName);

    /// <summary>Tools: <c>runner.tool_cache</c>.</summary>
    public string Tools => Path.Combine(Root, "tools");

    /// <summary>Makes it, empty.</summary>
    public void Create()
    {
        Delete();
        foreach (var folder in new[] { Workspace, Temp, Files, Actions, Home, Tools }) Directory.CreateDirectory(folder);
    }

    /// <summary>Removes it with all that is in it; links are removed, not followed.</summary>
    public void Delete()
    {
        if (!Directory.Exists(Root)) return;
        try
        {
            Directory.Delete(Root, recursive: true);
        }
        catch (Exception left) when (left is IOException or UnauthorizedAccessException)
        {
            // A folder that a job made unreadable; it is tried again when the server starts.
            return;
        }
    }

    /// <summary>A path of the workspace that a workflow names, which may not lead out of it, through links neither.</summary>
    /// <exception cref="WorkflowException">It leads out.</exception>
    public string Inside(string path, string what)
    {
        var full = Path.GetFullPath(Path.Combine(Workspace, path));
        if (full != Workspace && !full.StartsWith(Workspace + Path.DirectorySeparatorChar, StringComparison.Ordinal)) throw Outside(path, what);
        for (var at = full; at.Length > Workspace.Length; at = Path.GetDirectoryName(at)!)
        {
            if (new FileInfo(at).LinkTarget is not null) throw new WorkflowException($"{what}: '{path}' leads through the link '{Path.GetRelativePath(Workspace, at)}', which is not followed");
        }

        return full;
    }

    private static WorkflowException Outside(string path, string what) => new($"{what}: '{path}' leads out of the workspace, which is not allowed");
}
