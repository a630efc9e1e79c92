using Capstan.Delivery.Scripts;
using Capstan.Yaml;

namespace Capstan.Delivery.Tests.Scripts;

public sealed class ScriptHostTests : IDisposable
{
    private readonly ScriptHost _host = new(ScriptProgram.Own(), TimeProvider.System);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _host.Dispose();

    private Task<ScriptAnswer> RunAsync(string script, string json = """{"spec":{"replicas":3,"list":[1,"b",true,null],"text":"a\"b\\c\nd é"}}""") =>
        _host.RunAsync(new ScriptRequest(script, (YamlMap)JsonText.Read(json)), Cancel);

    [Theory]
    [InlineData("return obj.spec.replicas + 1", "4")]
    [InlineData("return obj.spec.text", "\"a\\\"b\\\\c\\nd é\"")]
    [InlineData("return obj.spec.list", "[1,\"b\",true]")]
    [InlineData("return {a = {b = 10 / 2}, [1] = 'x'}", """{"a":{"b":5},"1":"x"}""")]
    [InlineData("return 1.5", "1.5")]
    [InlineData("return nil", "null")]
    [InlineData("local a = {} table.insert(a, 'x') return unpack(a) .. table.getn(a) .. string.format('%d', 3)", "\"x13\"")]
    [InlineData("return type(os.time()) .. os.date('!%Y', 0)", "\"number1970\"")]
    public async Task A_script_reads_the_object_and_returns_data(string script, string expected)
    {
        var answer = await RunAsync(script);
        Assert.Null(answer.Error);
        Assert.Equal(expected, answer.Value is null ? "null" : JsonText.Write(answer.Value));
    }

    [Theory]
    [InlineData("return io.open('/etc/passwd')", "attempt to index a nil value (global 'io')")]
    [InlineData("return os.execute('id')", "attempt to call a nil value (field 'execute')")]
    [InlineData("return os.getenv('HOME')", "attempt to call a nil value (field 'getenv')")]
    [InlineData("return require('os')", "attempt to call a nil value (global 'require')")]
    [InlineData("return dofile('/etc/passwd')", "attempt to call a nil value (global 'dofile')")]
    [InlineData("return debug.getregistry()", "attempt to index a nil value (global 'debug')")]
    [InlineData("return load('\\27Lua')()", "attempt to call a nil value")]
    [InlineData("return string.dump(function() end)", "attempt to call a nil value (field 'dump')")]
    [InlineData("error('no')", "no")]
    [InlineData("error({})", "the script failed")]
    [InlineData("return function() end", "the script returned a function, which is no data")]
    [InlineData("local t = {} t.t = t return t", "the script returned a table that is too deep or too large")]
    [InlineData("return", null)]
    [InlineData("x = = 1", "unexpected symbol near '='")]
    [InlineData("local s = 'x' while true do s = s .. s end", "the script used more than 64 MiB of memory")]
    [InlineData("return string.rep('x', 1 << 40)", "")]
    [InlineData("local function f() return f() + 1 end return f()", "")]
    [InlineData("setmetatable(_G, {__index = function() error('trap') end}) return nothing", "trap")]
    public async Task What_a_script_must_not_do_is_an_error_of_its_own_and_the_next_one_runs(string script, string? error)
    {
        var answer = await RunAsync(script);
        if (error is null)
        {
            Assert.Null(answer.Error);
        }
        else
        {
            Assert.NotNull(answer.Error);
            Assert.Contains(error, answer.Error, StringComparison.Ordinal);
        }

        Assert.Equal("7", (await RunAsync("return 7")).Value?.ToString());
    }

    [Theory]
    [InlineData("while true do end")]
    [InlineData("return string.find(string.rep('a', 30000), string.rep('a*', 12) .. 'b')")]
    public async Task A_script_that_does_not_end_is_ended_and_the_next_one_runs(string script)
    {
        Assert.Equal("1", (await RunAsync("return 1")).Value?.ToString());
        Assert.Contains("took longer than", (await RunAsync(script)).Error, StringComparison.Ordinal);
        Assert.Equal("7", (await RunAsync("return 7")).Value?.ToString());
    }

    [Fact]
    public async Task Many_scripts_at_once_each_get_their_own_answer()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => RunAsync($"return {i}")));
        Assert.Equal(Enumerable.Range(0, 200).Select(i => i.ToString(System.Globalization.CultureInfo.InvariantCulture)), answers.Select(a => a.Value?.ToString()));
    }

    [Fact]
    public async Task Nothing_of_the_environment_reaches_a_script_even_if_it_could_read_it()
    {
        Environment.SetEnvironmentVariable("CAPSTAN_TEST_SECRET", "hidden");
        await RunAsync("return 1");
        var own = Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var children = Directory.EnumerateDirectories("/proc").Where(p => int.TryParse(Path.GetFileName(p), out _)).Where(p => Parent(p) == own).ToList();
        Assert.NotEmpty(children);
        Assert.DoesNotContain(children, c => File.ReadAllText($"{c}/cmdline").Contains(ScriptChild.Argument, StringComparison.Ordinal)
            && File.ReadAllText($"{c}/environ").Contains("hidden", StringComparison.Ordinal));
    }

    private static string Parent(string folder)
    {
        try
        {
            var stat = File.ReadAllText($"{folder}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1];
        }
        catch (IOException)
        {
            return "";
        }
    }
}
