namespace Capstan.LocalCluster.ApiServer.Http;

internal enum AnswerForm
{
    Object,
    Table,
    Metadata,
}

/// <summary>What a caller accepts as an answer.</summary>
/// <param name="Form">The shape of objects and lists.</param>
/// <param name="Discovery">The version of aggregated discovery that is wanted; empty for the old documents.</param>
internal readonly record struct Accepted(AnswerForm Form, string Discovery)
{
    /// <summary>Reads an Accept header: the first entry that the server can serve wins, as clients write them in order of preference.</summary>
    public static Accepted Parse(string header)
    {
        if (header.Length == 0)
        {
            return default;
        }

        foreach (var entry in header.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = entry.Split(';', StringSplitOptions.TrimEntries);
            if (parts[0] is not ("application/json" or "*/*" or "application/*" or "application/json;stream=watch" or "text/plain"))
            {
                continue;
            }

            var form = Parameter(parts, "as");
            var version = Parameter(parts, "v");
            switch (form)
            {
                case "":
                    return default;
                case "Table" when version is "v1":
                    return new Accepted(AnswerForm.Table, "");
                case "PartialObjectMetadata" or "PartialObjectMetadataList" when version is "v1":
                    return new Accepted(AnswerForm.Metadata, "");
                case "APIGroupDiscoveryList" when version is "v2" or "v2beta1":
                    return new Accepted(AnswerForm.Object, version);
            }
        }

        throw ApiErrors.NotAcceptable();
    }

    private static string Parameter(string[] parts, string name) =>
        parts.Skip(1).Where(p => p.StartsWith(name + "=", StringComparison.Ordinal)).Select(p => p[(name.Length + 1)..]).FirstOrDefault("");
}
