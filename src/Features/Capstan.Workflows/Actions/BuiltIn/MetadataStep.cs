using System.Text;
using System.Text.Json;
using Capstan.Workflows.Images;

namespace Capstan.Workflows.Actions.BuiltIn;

/// <summary><c>docker/metadata-action</c>: tags and labels of an image, by its rules.</summary>
internal sealed class MetadataStep : IBuiltInStep
{
    public async Task<bool> RunAsync(BuiltInCall call, CancellationToken cancellation)
    {
        var (session, run) = (call.Session, call.Session.Plan.Run);
        var repositories = session.Services.Repositories;
        var branch = await repositories.DefaultBranchAsync(run.Repository, cancellation).ConfigureAwait(false);
        var images = call.Lines("images").SelectMany(l => l.Contains('=', StringComparison.Ordinal) ? [TagRule.Pairs(l).GetValueOrDefault("name") ?? ""] : l.Split(',', StringSplitOptions.TrimEntries));
        var result = ImageMetadata.Of(new MetadataInput(run.Event.Name, run.Event.Ref, run.Event.Sha, branch.Replace("refs/heads/", "", StringComparison.Ordinal))
        {
            Images = [.. images.Where(i => i.Length > 0)],
            Rules = call.Lines("tags"),
            Flavor = call.Lines("flavor"),
        });
        var created = (await repositories.CommitAsync(run.Repository, run.Event.Sha, cancellation).ConfigureAwait(false)).Time;
        var url = repositories.UrlOf(run.Repository);
        // The commit's own time, not the clock's: the same commit gives the same image.
        var labels = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["org.opencontainers.image.title"] = run.Repository[(run.Repository.LastIndexOf('/') + 1)..],
            ["org.opencontainers.image.url"] = url,
            ["org.opencontainers.image.source"] = url,
            ["org.opencontainers.image.version"] = result.Version,
            ["org.opencontainers.image.created"] = created,
            ["org.opencontainers.image.revision"] = run.Event.Sha,
        };
        foreach (var (name, value) in ImageNames.Pairs("labels", call.Lines("labels"))) labels[name] = value;
        var lines = labels.Select(l => $"{l.Key}={l.Value}").ToList();
        var outputs = new (string Name, string Value)[]
        {
            ("version", result.Version), ("tags", string.Join('\n', result.Names)), ("tag-names", string.Join('\n', result.Tags)), ("labels", string.Join('\n', lines)),
            ("annotations", string.Join('\n', lines.Select(l => $"manifest:{l}"))), ("json", Json(result, labels)),
        };
        foreach (var (name, value) in outputs)
        {
            call.Output(name, value);
            session.Environment[$"DOCKER_METADATA_OUTPUT_{name.ToUpperInvariant().Replace('-', '_')}"] = value;
        }

        foreach (var name in result.Names) call.Say(name);
        if (result.Names.Count == 0) call.Say("##[warning]no rule of tags fits this event: there is no tag");
        return true;
    }

    private static string Json(MetadataResult result, Dictionary<string, string> labels)
    {
        var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var (key, list) in new[] { ("tags", result.Names), ("tag-names", result.Tags) })
            {
                json.WriteStartArray(key);
                foreach (var name in list) json.WriteStringValue(name);
                json.WriteEndArray();
            }

            json.WriteStartObject("labels");
            foreach (var (name, value) in labels) json.WriteString(name, value);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }
}
