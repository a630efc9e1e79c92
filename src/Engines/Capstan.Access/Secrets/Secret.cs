using System.Text.Json;
using System.Text.Json.Serialization;

namespace Capstan.Access.Secrets;

/// <summary>
/// A value that must never be printed, logged or serialised by accident: it has no properties, its text is a mask, and writing it as JSON
/// fails. Who needs the value asks for it by <see cref="Reveal"/>, a call that is easy to find in a review.
/// </summary>
/// <typeparam name="T">What is kept.</typeparam>
/// <param name="value">The value to keep.</param>
[JsonConverter(typeof(RefusingSecretConverter))]
public sealed class Secret<T>(T value)
{
    /// <summary>The value itself.</summary>
    public T Reveal() => value;

    /// <summary>A mask, never the value.</summary>
    public override string ToString() => SecretText.Mask;
}

/// <summary>Stands in the way of JSON: a secret inside a type that is serialised is a mistake of the program, and says so.</summary>
internal sealed class RefusingSecretConverter : JsonConverterFactory
{
    /// <inheritdoc/>
    public override bool CanConvert(Type typeToConvert) => true;

    /// <inheritdoc/>
    public override JsonConverter? CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("A secret is never written as JSON; leave it out of the type that is serialised.");
}
