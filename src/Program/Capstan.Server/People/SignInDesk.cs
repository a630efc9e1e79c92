using Capstan.Access.Rights;
using Capstan.Access.SignIn;
using Capstan.Access.Tokens;

namespace Capstan.Server.People;

/// <summary>Lets people in by password or token. A wrong name costs as much as a wrong password and is answered alike; a few are checked at once, so that
/// guessing does not take the processor from everybody else.</summary>
internal sealed class SignInDesk(AccessKeeper people, Authenticator authenticator, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly SemaphoreSlim _checking = new(2, 2);
    private readonly SignInThrottle _throttle = new(time);

    /// <summary>Who it is; or how long to wait, zero for "try again now".</summary>
    /// <param name="name">A local user; empty where the secret is a token.</param>
    /// <param name="secret">Password or token.</param>
    /// <param name="address">Where it comes from.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<(Principal? Principal, TimeSpan Wait)> TryAsync(string name, string secret, string address, CancellationToken cancellation)
    {
        var user = name.Length > 0 ? people.FindUser(name) : null;
        var key = name.Length > 0 ? name : null;
        if (_throttle.Wait(key, user is not null, address) is var wait && wait > TimeSpan.Zero) return (null, wait);
        // A job's token opens no session, which would outlive the job.
        var principal = name.Length > 0 ? await CheckAsync(user, secret, cancellation).ConfigureAwait(false) : authenticator.Find(secret) is { Kind: not PrincipalKind.Robot } found ? found : null;
        if (principal is null)
        {
            _throttle.Failed(key, user is not null, address);
            return (null, _throttle.Wait(key, user is not null, address));
        }
        if (key is not null) _throttle.Succeeded(key);
        return (principal, TimeSpan.Zero);
    }

    public void Dispose() => _checking.Dispose();

    private async Task<Principal?> CheckAsync(LocalUser? user, string password, CancellationToken cancellation)
    {
        if (!await _checking.WaitAsync(Patience, cancellation).ConfigureAwait(false)) return null;
        try
        {
            return await Task.Run(() => Passwords.Check(password, user?.PasswordHash), cancellation).ConfigureAwait(false) ? user!.Principal : null;
        }
        finally
        {
            _checking.Release();
        }
    }
}
