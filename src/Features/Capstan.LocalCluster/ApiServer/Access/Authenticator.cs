using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using Capstan.LocalCluster.Identity;
using Microsoft.AspNetCore.Http;

namespace Capstan.LocalCluster.ApiServer.Access;

/// <summary>Tells who sent a request: by the administrator's token, a static token, a service account's token, or a certificate that the cluster's authority signed.</summary>
internal sealed class Authenticator(ClusterIdentity identity, StaticTokens statics, AccountAuthenticator accounts, TimeProvider time)
{
    private const int MostKept = 1_000;

    private readonly ConcurrentDictionary<string, UserInfo?> _certificates = new(StringComparer.Ordinal);

    /// <summary>Who asks; null for nobody that is known.</summary>
    public UserInfo? Authenticate(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        if (header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            return OfToken(header["Bearer ".Length..].Trim(), []);
        }

        return header.Length == 0 && context.Connection.ClientCertificate is { } certificate ? OfCertificate(certificate) : null;
    }

    /// <summary>Whose token it is; null for nobody's.</summary>
    /// <param name="token">The token.</param>
    /// <param name="audiences">For whom it must be; empty for the API server.</param>
    public UserInfo? OfToken(string token, IReadOnlyList<string> audiences) =>
        identity.IsAdministratorToken(token) ? UserInfo.Administrator : statics.Find(token) ?? accounts.Find(token, audiences)?.User;

    private UserInfo? OfCertificate(X509Certificate2 certificate)
    {
        if (_certificates.Count > MostKept)
        {
            _certificates.Clear();
        }

        // A certificate that ends while it is kept is turned away by its dates.
        var user = _certificates.GetOrAdd(certificate.GetCertHashString(), _ => Verified(certificate));
        return user is not null && time.GetUtcNow() < certificate.NotAfter.ToUniversalTime() ? user : null;
    }

    private UserInfo? Verified(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(identity.Authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(new System.Security.Cryptography.Oid(ClusterIdentity.ClientAuthentication));
        if (!chain.Build(certificate))
        {
            return null;
        }

        var (name, groups) = ("", new List<string>());
        foreach (var part in certificate.SubjectName.EnumerateRelativeDistinguishedNames())
        {
            if (part.HasMultipleElements)
            {
                continue;
            }

            switch (part.GetSingleElementType().Value)
            {
                case "2.5.4.3":
                    name = part.GetSingleElementValue() ?? "";
                    break;
                case "2.5.4.10":
                    groups.Add(part.GetSingleElementValue() ?? "");
                    break;
            }
        }

        return name.Length == 0 ? null : new UserInfo(name, "", groups, UserInfo.NoExtra);
    }
}
