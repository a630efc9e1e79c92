using System.Text.Json;
using System.Text.Json.Serialization;

namespace Capstan.Api.Applications;

/// <summary>JSON of what is said about applications. Applications themselves travel as the Kubernetes objects that they are.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CreateApplication))]
[JsonSerializable(typeof(PlatformCommit))]
[JsonSerializable(typeof(SyncRequest))]
[JsonSerializable(typeof(PauseRequest))]
[JsonSerializable(typeof(ActionRequest))]
[JsonSerializable(typeof(ActionsReport))]
[JsonSerializable(typeof(ActionDone))]
[JsonSerializable(typeof(RollbackRequest))]
[JsonSerializable(typeof(RollbackReport))]
[JsonSerializable(typeof(PlanReport))]
[JsonSerializable(typeof(WhyReport))]
[JsonSerializable(typeof(BlameReport))]
[JsonSerializable(typeof(TreeNode))]
[JsonSerializable(typeof(HistoryReport))]
[JsonSerializable(typeof(HappenedReport))]
[JsonSerializable(typeof(TimelineReport))]
[JsonSerializable(typeof(PodLogReport))]
[JsonSerializable(typeof(DeploymentDiff))]
[JsonSerializable(typeof(ManifestText))]
[JsonSerializable(typeof(SetPreview))]
[JsonSerializable(typeof(DeletionAnswer))]
[JsonSerializable(typeof(JsonElement))]
public sealed partial class ApplicationsJson : JsonSerializerContext;
