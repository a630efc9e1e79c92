using System.Text.Json;
using System.Text.Json.Serialization;

namespace Capstan.OciClient.Transport;

[JsonSerializable(typeof(JsonElement))]
internal sealed partial class ElementJson : JsonSerializerContext;
