using Capstan.Helm.Charts;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Capstan.Helm.Repositories;

/// <summary>Reads what an <c>index.yaml</c> says of one chart. The index is read as a stream and not kept, since some have a hundred megabytes.</summary>
internal static class RepositoryIndex
{
    private const int DeepestNesting = 100;
    private const int MostVersions = 100_000;

    /// <summary>The versions of a chart; empty when the index has none.</summary>
    /// <exception cref="ChartException">The index is no YAML, or none of a repository.</exception>
    public static IReadOnlyList<IndexedVersion> Versions(Stream index, string name, string repository)
    {
        using var text = new StreamReader(index);
        try
        {
            return Find(new Parser(text), name);
        }
        catch (YamlException error)
        {
            throw new ChartException($"{repository}: index.yaml:{error.Start.Line}:{error.Start.Column}: {error.Message}", error);
        }
    }

    private static List<IndexedVersion> Find(Parser events, string name)
    {
        events.Consume<StreamStart>();
        events.Consume<DocumentStart>();
        events.Consume<MappingStart>();
        while (!events.Accept<MappingEnd>(out _))
        {
            if (events.Consume<Scalar>().Value != "entries" || !events.TryConsume<MappingStart>(out _))
            {
                Skip(events);
                continue;
            }

            while (!events.TryConsume<MappingEnd>(out _))
            {
                if (events.Consume<Scalar>().Value == name)
                {
                    return Read(events);
                }

                Skip(events);
            }
        }

        return [];
    }

    private static List<IndexedVersion> Read(Parser events)
    {
        var versions = new List<IndexedVersion>();
        if (!events.TryConsume<SequenceStart>(out _))
        {
            return versions;
        }

        while (!events.TryConsume<SequenceEnd>(out _))
        {
            if (ReadVersion(events) is { } version)
            {
                versions.Add(versions.Count < MostVersions ? version : throw new ChartException($"the index names more than {MostVersions:N0} versions of the chart"));
            }
        }

        return versions;
    }

    private static IndexedVersion? ReadVersion(Parser events)
    {
        if (!events.TryConsume<MappingStart>(out _))
        {
            Skip(events);
            return null;
        }

        var (version, digest, urls) = ("", "", new List<string>());
        while (!events.TryConsume<MappingEnd>(out _))
        {
            switch (events.Consume<Scalar>().Value)
            {
                case "version" when events.TryConsume<Scalar>(out var text):
                    version = text.Value;
                    break;
                case "digest" when events.TryConsume<Scalar>(out var text):
                    digest = text.Value.StartsWith("sha256:", StringComparison.Ordinal) ? text.Value["sha256:".Length..] : text.Value;
                    break;
                case "urls" when events.TryConsume<SequenceStart>(out _):
                    while (!events.TryConsume<SequenceEnd>(out _))
                    {
                        urls.Add(events.Consume<Scalar>().Value);
                    }

                    break;
                default:
                    Skip(events);
                    break;
            }
        }

        // Helm passes over entries that are none.
        return version.Length > 0 ? new IndexedVersion(version, urls, digest) : null;
    }

    private static void Skip(Parser events)
    {
        var depth = 0;
        do
        {
            depth += events.Consume<ParsingEvent>() switch
            {
                MappingStart or SequenceStart => 1,
                MappingEnd or SequenceEnd => -1,
                _ => 0,
            };
            if (depth > DeepestNesting)
            {
                throw new ChartException($"the index is nested more than {DeepestNesting} deep");
            }
        }
        while (depth > 0);
    }
}
