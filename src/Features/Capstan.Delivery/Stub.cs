#pragma warning disable
namespace Capstan.Yaml { public static class YamlText { public static IReadOnlyList<YamlNode> ReadAll(System.ReadOnlySpan<byte> t, ReadLimits? l = null) => [JsonText.Read(t, l, true)]; } }
namespace Capstan.Resources { public sealed record FieldDifference(string Path); public sealed record HealthStatus(string Code, string Message); }
