using System.Text;

namespace Capstan.Kubernetes;

/// <summary>Reads the Warning headers of an API server: <c>299 - "text"</c>, where the text escapes quotes and backslashes.</summary>
internal static class WarningText
{
    public static string Read(string header)
    {
        var start = header.IndexOf('"', StringComparison.Ordinal);
        if (start < 0)
        {
            return "";
        }

        var text = new StringBuilder();
        for (var i = start + 1; i < header.Length && header[i] != '"'; i++)
        {
            if (header[i] == '\\' && i + 1 < header.Length)
            {
                i++;
            }

            text.Append(header[i]);
        }

        return text.ToString();
    }
}
