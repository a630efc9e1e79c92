using Capstan.GoTemplates;
using static Capstan.Helm.Functions.FunctionTable;

namespace Capstan.Helm.Functions;

/// <summary>URLs, taken apart and put together as Go's net/url does.</summary>
internal static class UrlFunctions
{
    public static readonly GoFunction[] All =
    [
        Of("urlParse", [GoType.String], static (_, a) => Parse(a.Text(0))),
        Of("urlJoin", [GoType.MapOfAny], static (_, a) => Join((GoMap?)a[0] ?? new GoMap())),
    ];

    private static GoMap Parse(string text)
    {
        foreach (var c in text)
        {
            if (c is < ' ' or '\x7f')
            {
                throw new GoException($"unable to parse url: parse {GoQuote.Quote(text)}: net/url: invalid control character in URL");
            }
        }

        var rest = text;
        var fragment = Cut(ref rest, '#');
        var scheme = Scheme(ref rest, text);
        var query = Cut(ref rest, '?');
        var map = new GoMap
        {
            ["scheme"] = scheme.ToLowerInvariant(),
            ["fragment"] = Unescape(fragment, text),
            ["query"] = query,
            ["opaque"] = "",
            ["host"] = "",
            ["hostname"] = "",
            ["userinfo"] = "",
            ["path"] = "",
        };
        if (!rest.StartsWith('/') && scheme.Length > 0)
        {
            map["opaque"] = rest;
            return map;
        }

        if (rest.StartsWith("//", StringComparison.Ordinal) && (scheme.Length > 0 || !rest.StartsWith("///", StringComparison.Ordinal)))
        {
            var end = rest.IndexOf('/', 2);
            var authority = end < 0 ? rest[2..] : rest[2..end];
            rest = end < 0 ? "" : rest[end..];
            Authority(map, authority, text);
        }

        map["path"] = Unescape(rest, text);
        return map;
    }

    private static void Authority(GoMap map, string authority, string text)
    {
        var at = authority.LastIndexOf('@');
        if (at >= 0)
        {
            var user = authority[..at];
            var colon = user.IndexOf(':', StringComparison.Ordinal);
            map["userinfo"] = colon < 0
                ? Escaping.Percent(Unescape(user, text), "-_.~$&+,;=")
                : $"{Escaping.Percent(Unescape(user[..colon], text), "-_.~$&+,;=")}:{Escaping.Percent(Unescape(user[(colon + 1)..], text), "-_.~$&+,;=")}";
        }

        var host = authority[(at + 1)..];
        if (host.StartsWith('[') && !host.Contains(']', StringComparison.Ordinal))
        {
            throw new GoException($"unable to parse url: parse {GoQuote.Quote(text)}: missing ']' in host");
        }

        var portAt = host.LastIndexOf(':');
        if (portAt > host.LastIndexOf(']'))
        {
            if (host.AsSpan(portAt + 1).IndexOfAnyExceptInRange('0', '9') >= 0)
            {
                throw new GoException($"unable to parse url: parse {GoQuote.Quote(text)}: invalid port {GoQuote.Quote(host[portAt..])} after host");
            }
        }
        else
        {
            portAt = host.Length;
        }

        map["host"] = Unescape(host, text);
        map["hostname"] = Unescape(host[..portAt], text).Trim('[', ']');
    }

    private static string Scheme(ref string rest, string text)
    {
        for (var i = 0; i < rest.Length; i++)
        {
            var c = rest[i];
            if (char.IsAsciiLetter(c))
            {
                continue;
            }

            if (c == ':')
            {
                if (i == 0)
                {
                    throw new GoException($"unable to parse url: parse {GoQuote.Quote(text)}: missing protocol scheme");
                }

                var scheme = rest[..i];
                rest = rest[(i + 1)..];
                return scheme;
            }

            if (i == 0 || (!char.IsAsciiDigit(c) && c is not ('+' or '-' or '.')))
            {
                break;
            }
        }

        var colon = rest.IndexOf(':', StringComparison.Ordinal);
        return colon >= 0 && rest.AsSpan(0, colon).IndexOf('/') < 0
            ? throw new GoException($"unable to parse url: parse {GoQuote.Quote(text)}: first path segment in URL cannot contain colon")
            : "";
    }

    private static string Cut(ref string rest, char separator)
    {
        var at = rest.IndexOf(separator, StringComparison.Ordinal);
        if (at < 0)
        {
            return "";
        }

        var after = rest[(at + 1)..];
        rest = rest[..at];
        return after;
    }

    private static string Unescape(string part, string text)
    {
        if (!part.Contains('%', StringComparison.Ordinal))
        {
            return part;
        }

        var bytes = new List<byte>();
        var source = GoText.ToBytes(part);
        for (var i = 0; i < source.Length; i++)
        {
            if (source[i] != '%')
            {
                bytes.Add(source[i]);
                continue;
            }

            if (i + 2 >= source.Length || !char.IsAsciiHexDigit((char)source[i + 1]) || !char.IsAsciiHexDigit((char)source[i + 2]))
            {
                var bad = GoText.FromBytes(source.AsSpan(i, Math.Min(3, source.Length - i)));
                throw new GoException($"unable to parse url: parse {GoQuote.Quote(text)}: invalid URL escape {GoQuote.Quote(bad)}");
            }

            bytes.Add(Convert.ToByte(GoText.FromBytes(source.AsSpan(i + 1, 2)), 16));
            i += 2;
        }

        return GoText.FromBytes(bytes.ToArray());
    }

    private static string Join(GoMap map)
    {
        var (scheme, host, path) = (Part(map, "scheme"), Part(map, "host"), Part(map, "path"));
        var (query, opaque, fragment, user) = (Part(map, "query"), Part(map, "opaque"), Part(map, "fragment"), Part(map, "userinfo"));
        var url = scheme.Length > 0 ? scheme + ":" : "";
        if (opaque.Length > 0)
        {
            url += opaque;
        }
        else
        {
            if (scheme.Length > 0 || host.Length > 0 || user.Length > 0)
            {
                if (host.Length > 0 || path.Length > 0 || user.Length > 0)
                {
                    url += "//";
                }

                url += user.Length > 0 ? user + "@" : "";
                url += Escaping.Percent(host, "-_.~!$&'()*+,;=:[]<>\"");
            }

            var escaped = Escaping.Percent(path, "-_.~$&+,/:;=@!'()*[]");
            url += path.Length > 0 && !path.StartsWith('/') && host.Length > 0 ? "/" + escaped : escaped;
        }

        url += query.Length > 0 ? "?" + query : "";
        return url + (fragment.Length > 0 ? "#" + Escaping.Percent(fragment, "-_.~$&+,/:;=?@!'()*") : "");
    }

    private static string Part(GoMap map, string key)
    {
        if (!map.TryGetValue(key, out var value))
        {
            return "";
        }

        return value as string
            ?? throw new GoException($"unable to parse {key} key, must be of type string, but {GoType.NameOf(GoType.KindOf(value))} found");
    }
}
