using System.Globalization;
using System.Net;
using System.Net.Mail;
using System.Text;

namespace Capstan.Server.Notifications.Sending;

/// <summary>E-mail by SMTP: options <c>host</c>, <c>port</c> (587), <c>username</c>, <c>password</c>, <c>from</c>, <c>tls</c> (STARTTLS; true unless said otherwise); the template's part
/// <c>email</c> may have <c>subject</c> and <c>body</c>.</summary>
internal sealed class EmailSender : IMessageSender
{
    public async Task SendAsync(NotificationService service, string recipient, NotificationMessage message, CancellationToken cancellation)
    {
        var (host, sender) = (service.Text("host"), service.Text("from"));
        if (host.Length == 0 || sender.Length == 0) throw new NotDeliveredException($"{service}: needs host and from", isFinal: true);
        var part = message.Part("email");
        var subject = NotificationMessage.Field(part, "subject") is { Length: > 0 } own ? own : message.Title.Length > 0 ? message.Title : $"{message.Application.Name}: {string.Join(", ", message.Triggers)}";
        try
        {
            using var mail = new MailMessage(sender, recipient)
            {
                Subject = subject.ReplaceLineEndings(" "),
                Body = NotificationMessage.Field(part, "body") is { Length: > 0 } body ? body : message.Text,
                SubjectEncoding = Encoding.UTF8,
                BodyEncoding = Encoding.UTF8,
            };
            var port = int.TryParse(service.Text("port"), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 587;
            using var client = new SmtpClient(host, port) { EnableSsl = service.Text("tls") != "false", DeliveryMethod = SmtpDeliveryMethod.Network };
            if (service.Text("username") is { Length: > 0 } user) client.Credentials = new NetworkCredential(user, service.Text("password"));
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(TimeSpan.FromSeconds(30));
            await client.SendMailAsync(mail, limit.Token).ConfigureAwait(false);
        }
        catch (FormatException e)
        {
            throw new NotDeliveredException($"{service}: {recipient} or from is no address", isFinal: true, e);
        }
        catch (SmtpFailedRecipientException e)
        {
            throw new NotDeliveredException($"{service}: {host} does not take mail for {recipient}: {e.Message}", isFinal: (int)e.StatusCode is >= 500 and < 600, e);
        }
        catch (Exception e) when (e is SmtpException or IOException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            throw new NotDeliveredException($"{service}: {host}: {e.InnerException?.Message ?? e.Message}", inner: e);
        }
    }
}
