using Capstan.Workflows.Actions;

namespace Capstan.Workflows.Linting;

/// <summary>The built-in actions, those of the repository that is checked, and what else somebody knows.</summary>
/// <param name="readLocal">Reads a file of the repository by its path; null when it is not there.</param>
/// <param name="others">Whether a repository of the Git host has an action; null when nobody here can tell.</param>
public sealed class ActionCatalogs(Func<string, string?> readLocal, Func<ActionReference, ActionLookup>? others = null) : IActionCatalog
{
    /// <inheritdoc/>
    public ActionLookup Find(string uses)
    {
        if (!ActionReference.TryParse(uses, out var reference)) return new ActionLookup(ActionState.Missing);
        if (BuiltInActions.Find(reference) is { } own) return new ActionLookup(ActionState.Known, own.Inputs, own.Outputs);
        return reference.Origin switch
        {
            ActionOrigin.Local => Local(reference),
            ActionOrigin.Repository => others?.Invoke(reference) ?? new ActionLookup(ActionState.Unknown),
            _ => new ActionLookup(ActionState.Known),
        };
    }

    private ActionLookup Local(ActionReference reference)
    {
        foreach (var name in ActionReader.FileNames)
        {
            var path = reference.Path.Length == 0 ? name : $"{reference.Path}/{name}";
            if (readLocal(path) is not { } text) continue;
            try
            {
                var action = ActionReader.Read(path, text);
                return new ActionLookup(ActionState.Known, action.Inputs, [.. action.Outputs.Keys]);
            }
            catch (WorkflowException)
            {
                // The file itself is wrong, which is told when it is checked.
                return new ActionLookup(ActionState.Known);
            }
        }

        // An action of a path that a step before makes, or a Dockerfile alone.
        return readLocal(reference.Path.Length == 0 ? "Dockerfile" : $"{reference.Path}/Dockerfile") is null ? new ActionLookup(ActionState.Missing) : new ActionLookup(ActionState.Known);
    }
}
