using System.IO.Enumeration;

namespace Capstan.Delivery.Settings.Argo;

/// <summary>The globs of <c>argocd-cm</c>: <c>*</c> for any characters, <c>?</c> for one. The core group has no name, and any pattern of stars fits it.</summary>
internal static class SimpleGlob
{
    public static bool Fits(string pattern, string value) => pattern == value || pattern == "*"
        || (value.Length > 0 && pattern.AsSpan().ContainsAny('*', '?') && FileSystemName.MatchesSimpleExpression(pattern, value, ignoreCase: false));
}
