using Capstan.Expressions;
using Capstan.Workflows.Files;
using Capstan.Yaml;

namespace Capstan.Workflows.Linting.Rules;

/// <summary>Passwords in the file.</summary>
internal static class CredentialsRule
{
    public static void Check(LintContext lint)
    {
        foreach (var container in lint.File.Jobs.SelectMany(j => (j.Services as YamlMap ?? YamlMap.Empty).Select(e => e.Value).Append(j.Container)).OfType<YamlMap>())
        {
            if (ModelBuilder.Text(container.At("credentials", "password")) is { } password && !TemplateText.HasExpression(password.Text))
            {
                lint.Error(password.Position, "credentials", "a password stands in the file for everybody to read; keep it as a secret and write ${{ secrets.NAME }}");
            }
        }
    }
}
