using System.Security.Cryptography;
using Capstan.Expressions;

namespace Capstan.Workflows.Running;

/// <summary><c>hashFiles</c>: SHA-256 over the SHA-256 of each file, in the order of their paths; empty when no file matches.</summary>
internal static class FileHash
{
    /// <summary>The hash of files in the workspace.</summary>
    /// <exception cref="FunctionException">A pattern leads out, or there is too much.</exception>
    public static string Of(JobFolder folder, IReadOnlyList<string> patterns)
    {
        try
        {
            using var all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var files = FileGlob.Find(folder.Workspace, patterns, "hashFiles");
            foreach (var path in files)
            {
                using var file = File.OpenRead(Path.Combine(folder.Workspace, path));
                all.AppendData(SHA256.HashData(file));
            }

            return files.Count == 0 ? "" : Convert.ToHexStringLower(all.GetHashAndReset());
        }
        catch (Exception wrong) when (wrong is WorkflowException or IOException or UnauthorizedAccessException)
        {
            throw new FunctionException(wrong.Message, wrong);
        }
    }
}
