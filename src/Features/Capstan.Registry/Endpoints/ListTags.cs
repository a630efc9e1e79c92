namespace Capstan.Registry.Endpoints;

/// <summary><c>GET /v2/NAME/tags/list</c> (end-8)</summary>
internal static class ListTags
{
    public static Task ServeAsync(RegistryVisit visit)
    {
        if (!visit.Store.Manifests.HasRepository(visit.Name)) throw RegistryException.NameUnknown(visit.Name);
        var tags = Paging.Page(visit.Http, visit.Store.Tags.List(visit.Name), t => t.Text, visit.Store.Options.PageSize);
        return RegistryJson.WriteAsync(visit.Http, "application/json", writer =>
        {
            writer.WriteString("name", visit.Name.Text);
            writer.WriteStartArray("tags");
            foreach (var tag in tags) writer.WriteStringValue(tag.Text);
            writer.WriteEndArray();
        });
    }
}
