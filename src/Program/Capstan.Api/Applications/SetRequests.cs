namespace Capstan.Api.Applications;

/// <summary>A manifest for the platform repository, as its author wrote it: comments and order are kept.</summary>
/// <param name="Text">YAML of one object.</param>
public sealed record ManifestText(string Text);

/// <summary>The Applications that an ApplicationSet would make now.</summary>
/// <param name="Set">The set.</param>
/// <param name="Applications">In the order of its generators.</param>
public sealed record SetPreview(string Set, IReadOnlyList<SetPreviewItem> Applications);

/// <summary>One of them.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Problem">Why it would not be created; absent when it would.</param>
/// <param name="Application">The object, as JSON.</param>
public sealed record SetPreviewItem(string Name, string? Problem, System.Text.Json.JsonElement Application);

/// <summary>What was agreed to.</summary>
/// <param name="Set">The set.</param>
/// <param name="Deleted">The Applications that are deleted now.</param>
/// <param name="By">Who agreed.</param>
public sealed record DeletionAnswer(string Set, IReadOnlyList<string> Deleted, string By);
