using Capstan.Containers;
using Capstan.Containers.Images;

namespace Capstan.Conformance.KubernetesApi;

/// <summary>The images of the suite that can be made of local files (eng/conformance/images.sh).</summary>
internal static class SuiteImages
{
    /// <summary>Where they were made; null when they were not.</summary>
    public static string? Folder => Environment.GetEnvironmentVariable("CAPSTAN_CONFORMANCE_IMAGES") is { Length: > 0 } folder ? folder : null;

    /// <summary>Gives them to an engine, under the names by which the suite asks for them.</summary>
    public static async Task LoadAsync(string folder, ContainerEngine engine, KubernetesSuite suite)
    {
        var names = await suite.ImagesAsync();
        foreach (var line in await File.ReadAllLinesAsync(Path.Combine(folder, "images.txt"), TestContext.Current.CancellationToken))
        {
            // NAME LAYER USER [ENTRY POINT] ; [ARGUMENTS]
            var (image, arguments) = line.Split(" ;", 2) is [var head, var tail] ? (head.Split(' '), Words(tail)) : throw new FormatException(line);
            var content = new ImageContent
            {
                Name = names.Single(n => n.EndsWith("/" + image[0], StringComparison.Ordinal)),
                Architecture = engine.Images.Architecture,
                Layer = await File.ReadAllBytesAsync(Path.Combine(folder, image[1] + ".tar"), TestContext.Current.CancellationToken),
                User = image[2] == "-" ? "" : image[2],
                Entrypoint = image[3..],
                Arguments = arguments,
            };
            await engine.Images.LoadAsync(new MemoryStream(ImageArchive.Write(content)), TestContext.Current.CancellationToken);
        }
    }

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
