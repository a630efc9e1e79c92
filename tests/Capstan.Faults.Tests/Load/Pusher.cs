namespace Capstan.Faults.Tests.Load;

/// <summary>One developer of one Application: commits, pushes, breaks the YAML now and then, and mends it.</summary>
internal sealed class Pusher(LoadSettings settings, int application, Journal journal)
{
    public const int Stable = 3;
    private const int Changing = 8;
    private readonly Random _random = new(settings.Seed * 31 + application);
    private readonly string _folder = Path.Combine(settings.Folder, "work", LoadSettings.NameOf(application));
    private int _number;
    private int _once;

    private string Deploy => Path.Combine(_folder, "deploy");

    private string Broken => Path.Combine(Deploy, "s0.yaml");

    /// <summary>The first commit, with what is never removed again.</summary>
    public async Task BeginAsync()
    {
        Directory.CreateDirectory(Deploy);
        await Git.RunAsync(_folder, "init", "--quiet", "--initial-branch", "main");
        var token = (await File.ReadAllTextAsync(Path.Combine(settings.Data, "token"))).Trim();
        var url = new UriBuilder(settings.Url) { UserName = "campaign", Password = token, Path = $"/git/{LoadSettings.NameOf(application)}.git" };
        await Git.RunAsync(_folder, "remote", "add", "origin", url.Uri.AbsoluteUri);
        for (var i = 0; i < Stable; i++) Write($"s{i}");
        Write("web");
        await CommitAndPushAsync("Begin");
    }

    /// <summary>One change. What could not be pushed is pushed with the next.</summary>
    public async Task StepAsync()
    {
        var isBroken = await IsBrokenAsync();
        if (isBroken) Write("s0");
        else if (_random.Next(6) == 0) await File.WriteAllTextAsync(Broken, "apiVersion: v1\nkind: ConfigMap\n data: {\n");
        else Change();
        await CommitAndPushAsync("Change");
    }

    /// <summary>One push of one commit that adds an object, changes one and removes one, sent once.</summary>
    public async Task<bool> OnceAsync()
    {
        var (gone, made) = (Path.Combine(Deploy, $"once{_once % 2}.yaml"), $"once{++_once % 2}");
        if (File.Exists(gone)) File.Delete(gone);
        Write(made);
        Write("c0");
        return await CommitAndPushAsync("Once");
    }

    /// <summary>Leaves a repository whose head can be delivered, and everything pushed.</summary>
    public async Task<bool> MendAsync()
    {
        if (await IsBrokenAsync()) Write("s0");
        return await CommitAndPushAsync("Mend");
    }

    private async Task<bool> IsBrokenAsync() => !(await File.ReadAllTextAsync(Broken)).Contains("name:", StringComparison.Ordinal);

    private void Change()
    {
        for (var i = _random.Next(1, 4); i > 0; i--)
        {
            var name = _random.Next(5) == 0 ? "web" : $"c{_random.Next(Changing)}";
            var file = Path.Combine(Deploy, $"{name}.yaml");
            if (name != "web" && File.Exists(file) && _random.Next(2) == 0) File.Delete(file);
            else Write(name);
        }
    }

    private void Write(string name)
    {
        var full = $"{LoadSettings.NameOf(application)}-{name}";
        var number = ++_number;
        File.WriteAllText(Path.Combine(Deploy, $"{name}.yaml"), name == "web"
            ? $$$"""
              apiVersion: apps/v1
              kind: Deployment
              metadata: {name: {{{full}}}}
              spec:
                replicas: {{{number % 3}}}
                selector: {matchLabels: {app: {{{full}}} } }
                template:
                  metadata: {labels: {app: {{{full}}} } }
                  spec: {containers: [{name: main, image: "example/web:1"}]}

              """
            : $$"""
              apiVersion: v1
              kind: ConfigMap
              metadata: {name: {{full}}}
              data: {value: "{{number}}"}

              """);
    }

    private async Task<bool> CommitAndPushAsync(string subject)
    {
        await Git.RunAsync(_folder, "add", "--all");
        await Git.TryAsync(_folder, "commit", "--quiet", "--message", subject);
        var commit = await Git.RunAsync(_folder, "rev-parse", "HEAD");
        var key = $"push/{LoadSettings.NameOf(application)}";
        var id = journal.Send(key, commit);
        var (code, text) = await Git.TryAsync(_folder, "push", "--quiet", "origin", "main");
        if (code == 0) journal.Acknowledge(id, key, commit);
        else Console.Error.WriteLine($"{key}: {text.ReplaceLineEndings(" ")}");
        return code == 0;
    }
}
