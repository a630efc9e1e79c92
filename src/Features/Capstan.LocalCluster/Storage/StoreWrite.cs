using Capstan.Yaml;

namespace Capstan.LocalCluster.Storage;

internal enum StoreVerb
{
    Create,
    Update,
    Delete,
}

/// <summary>One wanted change.</summary>
/// <param name="Verb">What to do.</param>
/// <param name="Key">To which object.</param>
/// <param name="Body">The new state, for a deletion the last state; the store sets <c>metadata.resourceVersion</c>.</param>
/// <param name="ExpectedRevision">The version that the change was computed from; a change of any other is refused. Not used by a creation.</param>
internal sealed record StoreWrite(StoreVerb Verb, StoreKey Key, YamlMap Body, long ExpectedRevision = 0);

internal enum StoreOutcome
{
    Written,
    AlreadyExists,
    NotFound,
    Conflict,
}

/// <summary>What came of a write.</summary>
/// <param name="Outcome">Whether it was written.</param>
/// <param name="Object">The committed version, or the one that stood in the way; null when there is none.</param>
internal readonly record struct StoreResult(StoreOutcome Outcome, StoredObject? Object);

/// <summary>The store cannot take a write: the disk is full or failing. Nothing of the write is kept.</summary>
/// <param name="message">What happened and what to do.</param>
/// <param name="inner">What SQLite said.</param>
internal sealed class StoreUnavailableException(string message, Exception? inner = null) : IOException(message, inner);
