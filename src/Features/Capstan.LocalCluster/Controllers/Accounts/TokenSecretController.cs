using Capstan.LocalCluster.Identity;
using Capstan.Resources;

namespace Capstan.LocalCluster.Controllers.Accounts;

/// <summary>Fills Secrets of type <c>kubernetes.io/service-account-token</c> with a token of their account, and takes them away with it.</summary>
internal sealed class TokenSecretController(AccountTokens tokens, string authority) : IObserver
{
    public const string SecretType = "kubernetes.io/service-account-token";
    public const string AccountName = "kubernetes.io/service-account.name";
    public const string AccountUid = "kubernetes.io/service-account.uid";

    public GroupKind Kind => Kinds.Secret;

    public IReadOnlyList<GroupKind> Owns { get; } = [];

    public IReadOnlyList<GroupKind> Observes { get; } = [Kinds.ServiceAccount];

    public IEnumerable<ObjectKey> Concerned(KubernetesObject changed, IClusterView view) =>
        view.TokensOf(changed.Namespace, changed.Name).Select(s => s.Key);

    /// <summary>The account whose token a Secret holds; null for other Secrets.</summary>
    public static string? AccountOf(KubernetesObject secret) => secret.Body.Text("type") == SecretType ? secret.Annotation(AccountName) : null;

    public ControllerPlan Plan(KubernetesObject subject, IClusterView view, DateTimeOffset now)
    {
        if (subject.DeletionTimestamp is not null || subject.Body.Text("type") != SecretType)
        {
            return ControllerPlan.Nothing;
        }

        var account = view.Get(new ObjectKey(Kinds.ServiceAccount, subject.Namespace, subject.Annotation(AccountName) ?? ""));
        if (account is null || subject.Annotation(AccountUid) is { Length: > 0 } uid && uid != account.Uid)
        {
            return new ControllerPlan([new ObjectWrite.Delete(subject)]);
        }

        if (subject.Body.At("data", "token") is not null)
        {
            return ControllerPlan.Nothing;
        }

        var filled = subject.WithAnnotation(AccountUid, account.Uid)
            .With(["data", "token"], Encode(tokens.Legacy(account.Namespace, account.Name, account.Uid, subject.Name)))
            .With(["data", "ca.crt"], Encode(authority))
            .With(["data", "namespace"], Encode(subject.Namespace));
        return new ControllerPlan([new ObjectWrite.Update(filled)]);
    }

    private static string Encode(string text) => Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text));
}
