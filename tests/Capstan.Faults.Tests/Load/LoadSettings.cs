using System.Globalization;

namespace Capstan.Faults.Tests.Load;

/// <summary>What the client is told when it starts.</summary>
/// <param name="Folder">Where the campaign lives.</param>
/// <param name="Url">The server.</param>
/// <param name="Seed">Where its choices come from.</param>
internal sealed record LoadSettings(string Folder, string Url, int Seed)
{
    public const int Applications = 3;

    /// <summary>The data folder of the server.</summary>
    public string Data => Path.Combine(Folder, "data");

    public string Journal => Path.Combine(Folder, "journal");

    public string Text => string.Create(CultureInfo.InvariantCulture, $"{Folder}|{Url}|{Seed}");

    public static LoadSettings Parse(string text)
    {
        var parts = text.Split('|');
        return new LoadSettings(parts[0], parts[1], int.Parse(parts[2], CultureInfo.InvariantCulture));
    }

    /// <summary>The first two Applications share a namespace, so that one could hit the other's objects.</summary>
    public static string NamespaceOf(int application) => application < 2 ? "shared" : "own";

    public static string NameOf(int application) => $"app{application}";
}
