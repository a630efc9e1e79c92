using System.CommandLine;
using Capstan.Cli.Connection;

namespace Capstan.Cli.Commands;

/// <summary><c>capstan backup FILE</c> and <c>capstan restore FILE</c></summary>
internal static class BackupCommands
{
    public static Command Backup(CliContext context)
    {
        var file = new Argument<string>("FILE") { Description = "The backup to write, such as capstan.tar.gz; it must not be there" };
        var command = new Command("backup", """
            Back up the server's whole data folder while it runs: objects, repositories, images, keys, tokens, logs. Everything that was
            acknowledged before is in it. The file holds every secret of the installation and is readable by its owner alone.

            Examples:
              capstan backup capstan-$(date +%F).tar.gz
              capstan backup --server https://capstan.example.org /backups/capstan.tar.gz
            """) { file };
        command.SetAction(async (line, cancellation) =>
        {
            var path = Path.GetFullPath(line.GetValue(file)!);
            if (Path.Exists(path)) throw new CommandException(ExitCodes.Refused, $"{path}: is there already, which is not written over. Name another file");
            using var client = Connecting.Client(line, context);
            var draft = $"{path}.{Guid.NewGuid():N}.part";
            try
            {
                context.Say("writing …");
                var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.Asynchronous };
                if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
                var output = new FileStream(draft, options);
                await using (output.ConfigureAwait(false))
                {
                    await client.BackUpAsync(output, cancellation).ConfigureAwait(false);
                    output.Flush(flushToDisk: true);
                }

                context.Say("reading it again …");
                var content = await context.Host.CheckBackupAsync(draft, cancellation).ConfigureAwait(false);
                File.Move(draft, path);
                context.Out.WriteLine($"{path}: {content}");
                context.Say($"It holds every secret of the installation. Try it: capstan restore {path} --data FOLDER");
                return ExitCodes.Fine;
            }
            finally
            {
                File.Delete(draft);
            }
        });
        return command;
    }

    public static Command Restore(CliContext context)
    {
        var file = new Argument<string>("FILE") { Description = "A backup that capstan backup wrote" };
        var command = new Command("restore", """
            Make a data folder of a backup, on this machine or another. The folder must be empty or not there; nothing is left of it when
            the backup is damaged. Start the server on it afterwards: capstan up --data FOLDER.

            Examples:
              capstan restore capstan.tar.gz
              capstan restore capstan.tar.gz --data /srv/capstan
            """) { file };
        command.SetAction(async (line, cancellation) =>
        {
            var path = Path.GetFullPath(line.GetValue(file)!);
            if (!File.Exists(path)) throw new CommandException(ExitCodes.NotFound, $"{path}: there is no such file");
            var data = DataFolder.Find(line.GetValue(Connecting.Data), context);
            var content = await context.Host.RestoreAsync(path, data, cancellation).ConfigureAwait(false);
            context.Out.WriteLine($"{data}: {content}");
            context.Say($"Start the server: capstan up --data {data}");
            return ExitCodes.Fine;
        });
        return command;
    }
}
