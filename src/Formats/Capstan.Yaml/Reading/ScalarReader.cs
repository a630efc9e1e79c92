using System.Buffers;
using System.Text;
using YamlDotNet.Core.Events;
using CoreStyle = YamlDotNet.Core.ScalarStyle;

namespace Capstan.Yaml;

/// <summary>Gives a scalar its type by tag, quotes and content, as go-yaml 2 does, and its JSON form.</summary>
internal static class ScalarReader
{
    /// <summary>The scalar as a value.</summary>
    public static YamlScalar Read(Scalar scalar, Position position, YamlDialect dialect = YamlDialect.GoYaml2)
    {
        var style = Style(scalar.Style);
        var tag = TagOf(scalar);
        if (style == ScalarStyle.DoubleQuoted)
        {
            RefuseHalfCharacters(scalar.Value, position);
        }

        if (tag is null)
        {
            return new YamlScalar(scalar.Value, ScalarKind.String, style, position);
        }

        switch (tag)
        {
            case GoTags.String:
                return new YamlScalar(scalar.Value, ScalarKind.String, style, position);
            case GoTags.Binary:
                return new YamlScalar(Binary(scalar.Value, position), ScalarKind.String, style, position);
            case "" or GoTags.Boolean or GoTags.Integer or GoTags.Float or GoTags.Null or GoTags.Timestamp:
                break;
            default:
                // Any other tag leaves the text as it is.
                return new YamlScalar(scalar.Value, ScalarKind.String, style, position);
        }

        var resolved = GoScalar.Resolve(scalar.Value, timestamps: tag is "" or GoTags.Timestamp, dialect);
        if (tag != "" && tag != resolved.Tag)
        {
            resolved = tag == GoTags.Float && resolved.Tag == GoTags.Integer && long.TryParse(resolved.Integer, out var whole)
                ? new GoScalar(GoTags.Float, Number: whole)
                : throw new YamlException($"cannot read {GoTags.Short(resolved.Tag)} \"{Cut(scalar.Value)}\" as {GoTags.Short(tag)}", position);
        }

        return resolved.Tag == GoTags.Timestamp && dialect == YamlDialect.GoYaml3
            ? new YamlScalar(GoTimestamps.ToRfc3339(scalar.Value), ScalarKind.String, style, position) { Source = scalar.Value }
            : Value(resolved, scalar.Value, style, position);
    }

    /// <summary>Whether the scalar is the key <c>&lt;&lt;</c> that merges.</summary>
    public static bool IsMerge(Scalar scalar) => scalar.Value == "<<" && TagOf(scalar) is "" or GoTags.Merge;

    /// <summary>The key's text, as sigs.k8s.io/yaml makes strings of keys.</summary>
    public static string Key(Scalar scalar, Position position, YamlDialect dialect = YamlDialect.GoYaml2)
    {
        var tag = TagOf(scalar);
        if (tag is null or GoTags.String || dialect == YamlDialect.GoYaml3)
        {
            RefuseHalfCharacters(scalar.Value, position);
            return scalar.Value;
        }

        // Text that begins so is never anything but text, and most keys do.
        if (tag == "" && scalar.Value is [>= 'a' and <= 'e' or >= 'g' and <= 'm' or >= 'p' and <= 's' or >= 'u' and <= 'x', ..])
        {
            return scalar.Value;
        }

        if (tag is "" or GoTags.Float && GoScalar.Resolve(scalar.Value) is { Tag: GoTags.Float } real)
        {
            return GoFloats.FormatG32(real.Number);
        }

        var value = Read(scalar, position);
        if (value.IsNull)
        {
            throw new YamlException("null cannot be a key; quote it if it is meant as text", position);
        }

        if (value.Kind == ScalarKind.Integer && !value.TryGetInteger(out _))
        {
            throw new YamlException($"the number {value.Text} is too large for a key; quote it if it is meant as text", position);
        }

        return value.Text;
    }

    private static YamlScalar Value(GoScalar resolved, string text, ScalarStyle style, Position position) => resolved.Tag switch
    {
        GoTags.Boolean => new YamlScalar(resolved.Flag ? "true" : "false", ScalarKind.Boolean, style, position) { Source = text },
        GoTags.Null => new YamlScalar("null", ScalarKind.Null, style, position) { Source = text },
        GoTags.Integer => new YamlScalar(resolved.Integer!, ScalarKind.Integer, style, position) { Source = text },
        GoTags.Float => Float(resolved.Number, text, style, position),
        _ => new YamlScalar(text, ScalarKind.String, style, position),
    };

    private static YamlScalar Float(double number, string text, ScalarStyle style, Position position)
    {
        if (!double.IsFinite(number))
        {
            throw new YamlException($"\"{Cut(text)}\" has no JSON form; quote it if it is meant as text", position);
        }

        // On its way through JSON a float without a fraction becomes an integer: 3.0 arrives in Kubernetes as 3.
        var json = GoNumbers.Format(number);
        var kind = long.TryParse(json, out _) && json != "-0" ? ScalarKind.Integer : ScalarKind.Float;
        return new YamlScalar(json, kind, style, position) { Source = text };
    }

    // Null for a quoted scalar without a tag or one with the tag "!", which are text; empty for a plain one, whose content decides.
    private static string? TagOf(Scalar scalar)
    {
        if (!scalar.Tag.IsEmpty)
        {
            return scalar.Tag.IsNonSpecific ? null : scalar.Tag.Value;
        }

        return scalar.Style is CoreStyle.Plain ? "" : null;
    }

    // Escapes can spell half of a surrogate pair, which no UTF-8 holds, so that other bytes would be stored than were written.
    private static void RefuseHalfCharacters(string text, Position position)
    {
        for (var rest = text.AsSpan(); rest.IndexOfAnyInRange('\uD800', '\uDFFF') is var at and >= 0;)
        {
            if (Rune.DecodeFromUtf16(rest[at..], out _, out var length) != OperationStatus.Done)
            {
                throw new YamlException("an escape in this text is half of a surrogate pair, which is no character", position);
            }

            rest = rest[(at + length)..];
        }
    }

    private static string Binary(string base64, Position position)
    {
        try
        {
            var text = base64.Replace("\n", "", StringComparison.Ordinal).Replace("\r", "", StringComparison.Ordinal);
            return text.AsSpan().ContainsAny(" \t")
                ? throw new YamlException("the !!binary value is no base64", position)
                : new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(Convert.FromBase64String(text));
        }
        catch (FormatException error) when (error is not YamlException)
        {
            throw new YamlException("the !!binary value is no base64", position, null, error);
        }
        catch (DecoderFallbackException error)
        {
            // go-yaml would go on with replacement characters, and so store other bytes than were written.
            throw new YamlException("the !!binary value is no UTF-8 text, and so has no JSON form; write the base64 as text", position, null, error);
        }
    }

    private static ScalarStyle Style(CoreStyle style) => style switch
    {
        CoreStyle.SingleQuoted => ScalarStyle.SingleQuoted,
        CoreStyle.DoubleQuoted => ScalarStyle.DoubleQuoted,
        CoreStyle.Literal => ScalarStyle.Literal,
        CoreStyle.Folded => ScalarStyle.Folded,
        _ => ScalarStyle.Plain,
    };

    private static string Cut(string text) => text.Length > 40 ? text[..37] + "..." : text;
}
