using System.Text.Json.Serialization;

namespace Capstan.Api.Repositories;

/// <summary>A repository of this server's Git host.</summary>
/// <param name="Name">Its name: <c>NAME</c> or <c>OWNER/NAME</c>.</param>
/// <param name="Url">Where git clones it from and pushes it to.</param>
/// <param name="DefaultBranch">The branch that HEAD names.</param>
/// <param name="Head">The commit of that branch; absent while the repository is empty.</param>
public sealed record Repository(string Name, string Url, string DefaultBranch, string? Head = null);

/// <summary>Repositories in the order of their names.</summary>
/// <param name="Items">The repositories.</param>
public sealed record RepositoryList(IReadOnlyList<Repository> Items);

/// <summary>The wish for a new, empty repository.</summary>
/// <param name="Name">Its name: <c>NAME</c> or <c>OWNER/NAME</c>.</param>
public sealed record CreateRepository(string Name);

/// <summary>JSON of what is said about repositories.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Repository))]
[JsonSerializable(typeof(RepositoryList))]
[JsonSerializable(typeof(CreateRepository))]
public sealed partial class RepositoriesJson : JsonSerializerContext;
