using Capstan.Yaml;

namespace Capstan.Cli.Connection;

/// <summary>The tokens of servers that a person signed in to, by the server's address: <c>$XDG_CONFIG_HOME/capstan/logins.json</c>, for its owner alone.</summary>
internal sealed class SavedLogins
{
    private readonly string _file;
    private YamlMap _all;

    private SavedLogins(string file, YamlMap all) => (_file, _all) = (file, all);

    /// <summary>Where they are kept.</summary>
    public string File => _file;

    /// <returns>Null where there is no place for them; what cannot be read is said, and passed over.</returns>
    public static SavedLogins? Of(CliContext context)
    {
        var home = context.Environment("XDG_CONFIG_HOME") ?? (context.Environment("HOME") is { } user ? Path.Combine(user, ".config") : null);
        if (home is null) return null;
        var file = Path.Combine(home, "capstan", "logins.json");
        try
        {
            return new SavedLogins(file, System.IO.File.Exists(file) ? JsonText.Read(System.IO.File.ReadAllBytes(file)).AsMap() ?? YamlMap.Empty : YamlMap.Empty);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or YamlException)
        {
            context.Say($"{file}: {e.Message}; going on without it");
            return null;
        }
    }

    /// <summary>The token for a server.</summary>
    public string? Find(Uri server) => _all[Key(server)]?.AsString();

    /// <summary>Keeps a token, or with null forgets it.</summary>
    public void Set(Uri server, string? token)
    {
        _all = token is null ? _all.Without(Key(server)) : _all.With(Key(server), token);
        Directory.CreateDirectory(Path.GetDirectoryName(_file)!);
        var next = _file + ".new";
        System.IO.File.Delete(next);
        using (var stream = new FileStream(next, OwnersAlone()))
        {
            stream.Write(JsonText.WriteBytes(_all));
        }

        System.IO.File.Move(next, _file, overwrite: true);
    }

    private static FileStreamOptions OwnersAlone()
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        // Windows keeps a person's folder from others by itself.
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return options;
    }

    private static string Key(Uri server) => server.GetLeftPart(UriPartial.Authority);
}
