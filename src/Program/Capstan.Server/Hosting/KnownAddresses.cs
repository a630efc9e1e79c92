namespace Capstan.Server.Hosting;

/// <summary>Every address that this data folder was served at. Applications name their repositories by such an address, and a server that
/// listens elsewhere today still knows them for its own.</summary>
internal static class KnownAddresses
{
    private const string FileName = "addresses";
    private const int Most = 100;

    public static IReadOnlyList<Uri> Remember(string data, IReadOnlyList<Uri> now)
    {
        var file = Path.Combine(data, FileName);
        var before = File.Exists(file) ? File.ReadLines(file).Take(Most).Select(l => Uri.TryCreate(l.Trim(), UriKind.Absolute, out var url) ? url : null).OfType<Uri>() : [];
        var all = now.Concat(before).Distinct().Take(Most).ToArray();
        var draft = file + ".next";
        File.WriteAllLines(draft, all.Select(u => u.ToString()));
        File.Move(draft, file, overwrite: true);
        return all;
    }
}
