namespace Capstan.Access.Rights;

/// <summary>What is done with a thing. Words as in Argo CD's policies where it has them; in JSON, YAML and on the command line in lower case.</summary>
public enum Verb
{
    /// <summary>Looks at one thing; clones a repository, pulls an image.</summary>
    Get,

    /// <summary>Looks at a list. Whoever may get nothing of a kind sees an empty one.</summary>
    List,

    /// <summary>Makes a thing.</summary>
    Create,

    /// <summary>Changes a thing; pushes to a repository or an image.</summary>
    Update,

    /// <summary>Removes a thing.</summary>
    Delete,

    /// <summary>Brings an application to what Git says, looks anew, stops an operation.</summary>
    Sync,

    /// <summary>Syncs another revision or other parameters than Git says.</summary>
    Override,

    /// <summary>Goes back to an earlier deployment.</summary>
    Rollback,

    /// <summary>Does something with one live object of an application: restarts, scales, pauses it.</summary>
    Action,

    /// <summary>Lets a promotion or a run go on.</summary>
    Approve,

    /// <summary>Reads what containers and jobs print.</summary>
    Logs,

    /// <summary>Opens a terminal into a container.</summary>
    Exec,
}

/// <summary>What something is done with. In JSON, YAML and on the command line in lower case.</summary>
public enum ResourceKind
{
    /// <summary>Applications, named <c>PROJECT/NAME</c>.</summary>
    Applications,

    /// <summary>ApplicationSets, named <c>PROJECT/NAME</c> with the project as the template writes it.</summary>
    ApplicationSets,

    /// <summary>Projects, by name.</summary>
    Projects,

    /// <summary>Repositories of the Git host, named <c>NAME</c> or <c>OWNER/NAME</c>.</summary>
    Repositories,

    /// <summary>Repositories of the registry, by their path.</summary>
    Images,

    /// <summary>Delivery pipelines and releases, by name.</summary>
    Pipelines,

    /// <summary>Runs of workflows, named as the repository that they belong to.</summary>
    Runs,

    /// <summary>Clusters, by name.</summary>
    Clusters,

    /// <summary>Tokens: one's own need no right; all others', by name.</summary>
    Tokens,

    /// <summary>Local users, by name.</summary>
    Users,

    /// <summary>Capstan itself: its health, metrics and activity. It has no name.</summary>
    Instance,
}
