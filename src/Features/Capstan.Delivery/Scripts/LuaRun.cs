using System.Runtime.InteropServices;
using System.Text;
using Capstan.Yaml;
using KeraLua;

namespace Capstan.Delivery.Scripts;

/// <summary>
/// Runs one script in a Lua of its own. There are no files, programs, modules or foreign byte code in it; memory is limited by the allocator, and time
/// by the process that waits for the answer. Nothing managed is called from Lua but that allocator, so that no error ever leaps over managed frames.
/// </summary>
internal static class LuaRun
{
    /// <summary>How much memory a script may use, in bytes.</summary>
    public const long Memory = 64 << 20;

    // What stays is what scripts of Argo CD find (util/lua): strings, tables, numbers, and of os the clock. Names that Lua 5.1 had are kept.
    private const string Prelude = """
        local load, select, pairs, type = load, select, pairs, type
        local clock = { time = os.time, date = os.date, difftime = os.difftime, clock = os.clock }
        io, package, require, dofile, loadfile, debug, collectgarbage, coroutine, warn = nil
        os = clock
        print = function() end
        _G.load = function(chunk, name, mode, ...) if select('#', ...) > 0 then return load(chunk, name, 't', (...)) end return load(chunk, name, 't') end
        loadstring = _G.load
        string.dump = nil
        string.gfind = string.gmatch
        unpack = table.unpack
        table.getn = function(t) return #t end
        table.maxn = function(t) local m = 0 for k in pairs(t) do if type(k) == 'number' and k > m then m = k end end return m end
        math.pow = function(a, b) return a ^ b end
        math.mod = math.fmod
        """;

    public static ScriptAnswer Run(ScriptRequest request)
    {
        using var memory = new LuaMemory(Memory);
        using var lua = new Lua(memory.Allocator, IntPtr.Zero) { Encoding = Encoding.UTF8 };
        lua.OpenLibs();
        var input = new StringBuilder("obj = ").Append(LuaText.Of(request.Object)).Append("\nactionParams = ");
        input.Append(LuaText.Of(YamlMap.Of([.. request.Parameters.Select(p => (p.Key, (YamlNode)p.Value))])));
        foreach (var (name, text, results) in (ReadOnlySpan<(string, string, int)>)[("=prelude", Prelude, 0), ("=object", input.ToString(), 0), ("=script", request.Script, 1)])
        {
            if (lua.LoadBuffer(Encoding.UTF8.GetBytes(text), name, "t") != LuaStatus.OK || lua.PCall(0, results, 0) != LuaStatus.OK)
            {
                var said = lua.Type(-1) == LuaType.String ? Encoding.UTF8.GetString(lua.ToBuffer(-1)) : "the script failed";
                return new ScriptAnswer(null, memory.IsExhausted ? $"the script used more than {Memory >> 20} MiB of memory" : said);
            }
        }

        try
        {
            return new ScriptAnswer(LuaValues.Read(lua, -1));
        }
        catch (FormatException error)
        {
            return new ScriptAnswer(null, error.Message);
        }
    }

    // Lua frees everything through it when it ends, so it must outlive the state.
    private sealed class LuaMemory : IDisposable
    {
        private readonly long _limit;
        private long _used;

        public LuaMemory(long limit)
        {
            _limit = limit;
            Allocator = Allocate;
        }

        public LuaAlloc Allocator { get; }

        public bool IsExhausted { get; private set; }

        public void Dispose() => GC.KeepAlive(Allocator);

        private IntPtr Allocate(IntPtr context, IntPtr block, UIntPtr oldSize, UIntPtr newSize)
        {
            // For a new block Lua gives its type in the place of its size.
            var old = block == IntPtr.Zero ? 0 : (long)oldSize;
            var size = (long)newSize;
            if (size == 0)
            {
                Marshal.FreeHGlobal(block);
                _used -= old;
                return IntPtr.Zero;
            }

            if (size > old && _used - old + size > _limit)
            {
                IsExhausted = true;
                return IntPtr.Zero;
            }

            var made = Resize(block, (nint)size);
            _used += made == IntPtr.Zero ? 0 : size - old;
            return made;
        }

        // An exception must not leave the callback: no memory is an answer that Lua understands.
        private static IntPtr Resize(IntPtr block, nint size)
        {
            try
            {
                return block == IntPtr.Zero ? Marshal.AllocHGlobal(size) : Marshal.ReAllocHGlobal(block, size);
            }
            catch (OutOfMemoryException)
            {
                return IntPtr.Zero;
            }
        }
    }
}
