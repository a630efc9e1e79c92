namespace Capstan.Promotion;

/// <summary>Something of a pipeline or release cannot be used. The message names the object, the field and what to do.</summary>
/// <param name="message">The whole sentence for people.</param>
public sealed class PromotionException(string message) : FormatException(message);
