using Capstan.Helm.Charts;

namespace Capstan.Helm.Arguments;

/// <summary>Walks a command line as Helm's own parser does: flags anywhere, <c>--name value</c> or <c>--name=value</c>.</summary>
internal sealed class ArgumentReader(IReadOnlyList<string> arguments)
{
    private static readonly Dictionary<string, string> Short = new(StringComparer.Ordinal)
    {
        ["n"] = "namespace",
        ["f"] = "values",
        ["s"] = "show-only",
        ["a"] = "api-versions",
        ["g"] = "generate-name",
    };

    private static readonly HashSet<string> Switches = new(StringComparer.Ordinal)
    {
        "include-crds", "skip-crds", "skip-tests", "no-hooks", "is-upgrade", "skip-schema-validation", "dependency-update", "debug",
        "generate-name", "release-name", "devel", "disable-openapi-validation", "hide-notes", "render-subchart-notes", "enable-dns",
        "verify", "insecure-skip-tls-verify", "plain-http", "pass-credentials", "validate", "rollback-on-failure", "replace", "force-replace",
        "force-conflicts", "take-ownership", "wait-for-jobs",
    };

    private static readonly HashSet<string> Ignored = new(StringComparer.Ordinal)
    {
        "description", "labels", "timeout", "keyring", "ca-file", "cert-file", "key-file", "username", "password", "kubeconfig",
        "kube-context", "registry-config", "repository-cache", "repository-config", "content-cache", "burst-limit", "qps", "dry-run",
        "server-side", "wait", "post-renderer-args", "color", "colour", "kube-apiserver", "kube-token", "kube-as-user", "kube-as-group",
        "kube-ca-file", "kube-insecure-skip-tls-verify", "kube-tls-server-name",
    };

    private static readonly Dictionary<string, HelmSettingKind> Setters = new(StringComparer.Ordinal)
    {
        ["set"] = HelmSettingKind.Set,
        ["set-string"] = HelmSettingKind.SetString,
        ["set-json"] = HelmSettingKind.Json,
        ["set-file"] = HelmSettingKind.SetFile,
        ["set-literal"] = HelmSettingKind.SetLiteral,
    };

    private readonly List<string> _positional = [];
    private readonly Dictionary<string, List<string>> _values = new(StringComparer.Ordinal);
    private readonly HashSet<string> _switches = new(StringComparer.Ordinal);
    private readonly List<HelmSetting> _settings = [];
    private int _at;

    /// <exception cref="ChartException">An argument is not known or lacks its value.</exception>
    public HelmTemplateArguments Read()
    {
        for (_at = 0; _at < arguments.Count; _at++)
        {
            var argument = arguments[_at];
            if (argument == "--")
            {
                _positional.AddRange(arguments.Skip(_at + 1));
                break;
            }

            if (argument.StartsWith("--", StringComparison.Ordinal))
            {
                LongFlag(argument[2..]);
            }
            else if (argument.StartsWith('-') && argument.Length > 1)
            {
                ShortFlag(argument[1..]);
            }
            else
            {
                _positional.Add(argument);
            }
        }

        return Result();
    }

    private HelmTemplateArguments Result()
    {
        if (_positional.Count is 0 or > 2)
        {
            throw new ChartException(_positional.Count == 0
                ? "\"helm template\" requires at least 1 argument\n\nUsage:  helm template [NAME] [CHART] [flags]"
                : $"expected at most two arguments, unexpected arguments: {string.Join(", ", _positional.Skip(2))}");
        }

        return new HelmTemplateArguments
        {
            ReleaseName = _positional.Count == 2 ? _positional[0] : "release-name",
            Chart = _positional[^1],
            Namespace = Last("namespace") ?? "default",
            ValuesFiles = Commas("values"),
            Settings = _settings,
            KubeVersion = Last("kube-version") is { Length: > 0 } version ? version : null,
            ApiVersions = Commas("api-versions"),
            ShowOnly = _values.GetValueOrDefault("show-only") ?? [],
            IncludeCrds = _switches.Contains("include-crds"),
            SkipTests = _switches.Contains("skip-tests"),
            NoHooks = _switches.Contains("no-hooks"),
            IsUpgrade = _switches.Contains("is-upgrade"),
            SkipSchemaValidation = _switches.Contains("skip-schema-validation"),
            DependencyUpdate = _switches.Contains("dependency-update"),
            Debug = _switches.Contains("debug"),
            PostRenderer = Last("post-renderer"),
            Version = Last("version"),
            Repository = Last("repo"),
            UserName = Last("username"),
            Password = Last("password"),
            PassCredentials = _switches.Contains("pass-credentials"),
            PlainHttp = _switches.Contains("plain-http"),
            InsecureSkipTlsVerify = _switches.Contains("insecure-skip-tls-verify"),
            CaFile = Last("ca-file"),
            CertFile = Last("cert-file"),
            KeyFile = Last("key-file"),
            RegistryConfig = Last("registry-config"),
            Verify = _switches.Contains("verify"),
            Keyring = Last("keyring"),
            AsksCluster = DryRun(Last("dry-run")),
            Kubeconfig = Last("kubeconfig"),
            KubeContext = Last("kube-context"),
        };
    }

    private static bool DryRun(string? said) => said switch
    {
        "server" => true,
        null or "client" or "unset" or "true" => false,
        "none" or "false" => throw new ChartException($"invalid dry-run value (\"{said}\"). Must be \"server\" or \"client\""),
        _ => throw new ChartException($"invalid dry-run value (\"{said}\"). Must be \"none\", \"server\", or \"client\""),
    };

    private string? Last(string name) => _values.GetValueOrDefault(name)?[^1];

    private string[] Commas(string name) => [.. (_values.GetValueOrDefault(name) ?? []).SelectMany(static v => v.Split(','))];

    private void LongFlag(string flag)
    {
        var equals = flag.IndexOf('=', StringComparison.Ordinal);
        var name = equals < 0 ? flag : flag[..equals];
        var value = equals < 0 ? null : flag[(equals + 1)..];
        if (Switches.Contains(name))
        {
            if (value is null or "true" or "1" or "t" or "T" or "TRUE" or "True")
            {
                _switches.Add(name);
            }
            else if (value is not ("false" or "0" or "f" or "F" or "FALSE" or "False"))
            {
                throw new ChartException($"invalid argument \"{value}\" for \"--{name}\" flag: strconv.ParseBool: parsing \"{value}\": invalid syntax");
            }

            return;
        }

        Take(name, $"--{name}", value);
    }

    private void ShortFlag(string flag)
    {
        if (!Short.TryGetValue(flag[..1], out var name))
        {
            throw new ChartException($"unknown shorthand flag: '{flag[0]}' in -{flag}");
        }

        if (Switches.Contains(name))
        {
            _switches.Add(name);
            return;
        }

        var value = flag.Length > 1 ? flag[1..].TrimStart('=') : null;
        Take(name, $"'{flag[0]}' in -{flag[0]}", value);
    }

    private void Take(string name, string shown, string? value)
    {
        var known = Setters.TryGetValue(name, out var kind);
        if (!known && !Ignored.Contains(name)
            && name is not ("namespace" or "values" or "kube-version" or "api-versions" or "show-only" or "post-renderer" or "version" or "repo"))
        {
            throw new ChartException(name is "output-dir" or "name-template"
                ? $"the flag --{name} is not supported"
                : $"unknown flag: --{name}");
        }

        if (value is null && name == "dry-run")
        {
            value = "unset";
        }

        if (value is null)
        {
            if (++_at >= arguments.Count)
            {
                throw new ChartException($"flag needs an argument: {shown}");
            }

            value = arguments[_at];
        }

        if (known)
        {
            _settings.Add(new HelmSetting(kind, value));
            return;
        }

        if (!_values.TryGetValue(name, out var values))
        {
            _values[name] = values = [];
        }

        values.Add(value);
    }
}
