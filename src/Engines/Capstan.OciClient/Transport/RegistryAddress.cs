namespace Capstan.OciClient.Transport;

/// <summary>A registry with how it is reached.</summary>
/// <param name="Registry">As it is written in references.</param>
/// <param name="Entry">How it is reached.</param>
internal sealed record RegistryAddress(string Registry, RegistryEntry Entry)
{
    /// <summary>Where it is: Docker Hub's registry is not where its name says.</summary>
    public Uri BaseUrl { get; } = new($"{(Entry.PlainHttp ? "http" : "https")}://{(Registry == Oci.References.ImageReference.DockerHub ? "registry-1.docker.io" : Registry)}/");
}
