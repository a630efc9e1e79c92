using System.Runtime.InteropServices;
using Capstan.Containers.Images;

namespace Capstan.Cli.Demo;

/// <summary>
/// The program of the sample's image: a web server of 447 bytes in all, so that the demo needs neither a compiler, nor a base image, nor the network. It answers every
/// request on port 8080 with the bytes of <c>/page.http</c>, which begin with the status line, and ends with 1 where that file is not there.
/// </summary>
internal static class WebServer
{
    // open("/page.http"), or end; socket; setsockopt SO_REUSEADDR, and SO_RCVTIMEO of a second, which its connections inherit, so that one which says nothing holds up
    // nobody for long; bind 0.0.0.0:8080, or end; listen. Then again and again: accept, read once, sendfile of the page from its start, shutdown, close.
    // Made by GNU as from exactly these calls (their numbers are those of x86-64); data behind the code: timeval{1, 0}, sockaddr_in, int 1, the path.
    private const string Amd64 =
        "b802000000488d3d3001000031f60f0585c00f88ee0000004189c5b829000000bf02000000be0100000031d20f054189c4b8360000004489e7be01000000ba02"
        + "0000004c8d15ee00000041b8040000000f05b8360000004489e7be01000000ba140000004c8d15ad00000041b8100000000f05b8310000004489e7488d35a600"
        + "0000ba100000000f0585c07879b8320000004489e7be800000000f054881ec08100000b82b0000004489e731f631d20f0585c078ee4189c631c04489f7488d74"
        + "2408ba001000000f0585c07e1e48c7042400000000b8280000004489f74489ee4889e241ba000010000f05b8300000004489f7be010000000f05b80300000044"
        + "89f70f05eb9db83c000000bf010000000f05660f1f4400000100000000000000000000000000000002001f90000000000000000000000000010000002f706167"
        + "652e6874747000";

    /// <summary>Whether there is a program for this machine.</summary>
    public static bool IsForThisMachine => RuntimeInformation.OSArchitecture == Architecture.X64;

    /// <summary>The program's file.</summary>
    public static byte[] File() => ElfProgram.Write("amd64", Convert.FromHexString(Amd64));
}
