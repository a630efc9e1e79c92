namespace Capstan.Oci.Manifests;

/// <summary>A manifest, index or configuration cannot be used.</summary>
/// <param name="message">What is wrong with it and where.</param>
/// <param name="inner">The cause, if any.</param>
public sealed class ManifestException(string message, Exception? inner = null) : FormatException(message, inner);
