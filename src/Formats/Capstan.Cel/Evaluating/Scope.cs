namespace Capstan.Cel.Evaluating;

/// <summary>A name that a macro bound, and those around it.</summary>
internal sealed record Scope(string Name, CelValue Value, Scope? Outer)
{
    public static CelValue? Find(Scope? scope, string name)
    {
        for (; scope is not null; scope = scope.Outer)
        {
            if (scope.Name == name) return scope.Value;
        }

        return null;
    }
}
