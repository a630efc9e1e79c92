using Capstan.Expressions;
using Capstan.Workflows.Files;
using Capstan.Workflows.Places;
using Capstan.Yaml;

namespace Capstan.Workflows.Linting;

/// <summary>One expression of a workflow file, with where it is used.</summary>
/// <param name="Job">The job; null above the jobs.</param>
/// <param name="Step">The step's index in its job; the number of steps for what is evaluated after them, -1 for what is evaluated before.</param>
/// <param name="Key">The key that it stands under, such as <c>run</c> or <c>if</c>.</param>
/// <param name="Root">The expression.</param>
/// <param name="Position">Where it begins.</param>
internal sealed record ExpressionUse(Job? Job, int Step, string Key, ExpressionNode Root, Position Position)
{
    /// <summary>All expressions of a file, in no particular order.</summary>
    public static IEnumerable<ExpressionUse> In(WorkflowFile file, SourceText source)
    {
        foreach (var use in Of(null, -1, ("env", file.Env), ("concurrency", file.Concurrency)).Concat(Of(null, -1, ("run-name", file.RunName)))) yield return use;
        foreach (var job in file.Jobs)
        {
            var before = Of(job, -1, ("name", job.Name), ("if", job.If), ("timeout-minutes", job.TimeoutMinutes), ("continue-on-error", job.ContinueOnError))
                .Concat(Of(job, -1, ("runs-on", job.RunsOn), ("strategy", job.Strategy), ("env", job.Env), ("container", job.Container), ("services", job.Services), ("concurrency", job.Concurrency), ("with", job.With), ("secrets", job.Secrets)));
            var after = Of(job, job.Steps.Count, [.. job.Outputs.Select(o => ("outputs", (Field?)o.Value))]).Concat(Of(job, job.Steps.Count, ("environment", job.Environment)));
            foreach (var use in before.Concat(after).Concat(job.Steps.SelectMany((step, index) => OfStep(job, index, step)))) yield return use;
        }

        IEnumerable<ExpressionUse> OfStep(Job job, int index, Step step) =>
            Of(job, index, ("name", step.Name), ("if", step.If), ("run", step.Run), ("working-directory", step.WorkingDirectory), ("timeout-minutes", step.TimeoutMinutes), ("continue-on-error", step.ContinueOnError))
                .Concat(Of(job, index, ("with", step.With), ("env", step.Env)));

        IEnumerable<ExpressionUse> Of(Job? job, int step, params (string Key, object? Value)[] parts) => parts.SelectMany(p => p.Value switch
        {
            Field field => InText(job, step, p.Key, new YamlScalar(field.Text, ScalarKind.String, ScalarStyle.Literal, field.Position), field.Text),
            YamlNode node => InNode(job, step, p.Key, node),
            _ => [],
        });

        IEnumerable<ExpressionUse> InNode(Job? job, int step, string key, YamlNode node) => node switch
        {
            YamlScalar scalar => InText(job, step, key, scalar, scalar.Text),
            YamlList list => list.SelectMany(each => InNode(job, step, key, each)),
            YamlMap map => map.SelectMany(entry => InNode(job, step, key == "with" ? $"with.{entry.Key}" : key, entry.Value)),
            _ => [],
        };

        IEnumerable<ExpressionUse> InText(Job? job, int step, string key, YamlScalar scalar, string text)
        {
            var bare = key == "if" && !TemplateText.HasExpression(text);
            if (!bare && !TemplateText.HasExpression(text)) return [];
            var template = TemplateText.TryParse(bare ? "${{" + text + "}}" : text, Place.Anywhere.Language, []);
            return template?.Expressions.Select(s => new ExpressionUse(job, step, key, s.Expression!.Root, Locate(scalar, text, bare ? 0 : s.Offset))) ?? [];
        }

        Position Locate(YamlScalar scalar, string text, int offset)
        {
            var style = text.Contains('\n', StringComparison.Ordinal) ? ScalarStyle.Literal : ScalarStyle.Plain;
            return source.Locate(new YamlScalar(text, ScalarKind.String, style, scalar.Position), text, offset);
        }
    }

    /// <summary>The chains of names in it: <c>steps.build.outputs.x</c> as those four; a part that is no fixed name ends a chain, <c>*</c> is itself.</summary>
    public IEnumerable<IReadOnlyList<string>> Chains()
    {
        var inner = Root.All().OfType<IndexNode>().Select(i => i.Target).ToHashSet(ReferenceEqualityComparer.Instance);
        foreach (var node in Root.All().Where(n => n is IndexNode or ContextNode && !inner.Contains(n)))
        {
            var names = new List<string>();
            var at = node;
            while (at is IndexNode index)
            {
                if (index.Index is LiteralNode { Value.IsPrimitive: true } name) names.Insert(0, name.Value.Text);
                else if (index.Index is null) names.Insert(0, "*");
                else names.Clear();
                at = index.Target;
            }

            if (at is ContextNode context) yield return [context.Name, .. names];
        }
    }
}
