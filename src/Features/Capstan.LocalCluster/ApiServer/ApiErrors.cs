using Capstan.LocalCluster.ApiServer.Catalog;
using Capstan.Yaml;

namespace Capstan.LocalCluster.ApiServer;

/// <summary>One thing that is wrong with an object.</summary>
/// <param name="Reason">The cause's reason: <c>FieldValueRequired</c>, <c>FieldValueInvalid</c> …</param>
/// <param name="Field">The path of the field.</param>
/// <param name="Message">What is wrong, without the field.</param>
internal sealed record FieldProblem(string Reason, string Field, string Message)
{
    public static FieldProblem Required(string field, string? detail = null) =>
        new("FieldValueRequired", field, detail is null ? "Required value" : $"Required value: {detail}");

    public static FieldProblem Invalid(string field, YamlNode? value, string detail) =>
        new("FieldValueInvalid", field, $"Invalid value: {Show(value)}: {detail}");

    /// <summary>The same with a value that is shown as it is.</summary>
    public static FieldProblem InvalidText(string field, string value, string detail) => new("FieldValueInvalid", field, $"Invalid value: {value}: {detail}");

    public static FieldProblem TypeInvalid(string field, YamlNode? value, string detail) =>
        new("FieldValueTypeInvalid", field, $"Invalid value: {Show(value)}: {detail}");

    public static FieldProblem Unsupported(string field, YamlNode? value, params IEnumerable<string> supported) =>
        new("FieldValueNotSupported", field, $"Unsupported value: {Show(value)}: supported values: {string.Join(", ", supported.Select(s => $"\"{s}\""))}");

    public static FieldProblem Forbidden(string field, string detail) => new("FieldValueForbidden", field, $"Forbidden: {detail}");

    public static FieldProblem Duplicate(string field, YamlNode? value) => new("FieldValueDuplicate", field, $"Duplicate value: {Show(value)}");

    public static FieldProblem TooLong(string field, int most) => new("FieldValueTooLong", field, $"Too long: may not be more than {most} bytes");

    private static string Show(YamlNode? value)
    {
        var text = value is null ? "null" : value.ToString();
        return text.Length > 500 ? string.Concat(text.AsSpan(0, 500), "…") : text;
    }
}

/// <summary>The refusals in Kubernetes' own words (apimachinery, pkg/api/errors).</summary>
internal static class ApiErrors
{
    public static ApiStatusException NotFound(ServedResource resource, string name) =>
        new(404, ApiReasons.NotFound, $"{resource.Qualified} \"{name}\" not found", Details(resource, name));

    public static ApiStatusException NoSuchPath() => new(404, ApiReasons.NotFound, "the server could not find the requested resource", YamlMap.Empty);

    public static ApiStatusException AlreadyExists(ServedResource resource, string name) =>
        new(409, ApiReasons.AlreadyExists, $"{resource.Qualified} \"{name}\" already exists", Details(resource, name));

    public static ApiStatusException Modified(ServedResource resource, string name) => Conflict(
        resource, name, "the object has been modified; please apply your changes to the latest version and try again");

    public static ApiStatusException Conflict(ServedResource resource, string name, string why) =>
        new(409, ApiReasons.Conflict, $"Operation cannot be fulfilled on {resource.Qualified} \"{name}\": {why}", Details(resource, name));

    public static ApiStatusException BadRequest(string message) => new(400, ApiReasons.BadRequest, message);

    public static ApiStatusException Forbidden(ServedResource resource, string name, string why, YamlMap? details = null) =>
        new(403, ApiReasons.Forbidden, $"{resource.Qualified} \"{name}\" is forbidden: {why}", details ?? Details(resource, name));

    public static ApiStatusException MethodNotAllowed() =>
        new(405, ApiReasons.MethodNotAllowed, "the server does not allow this method on the requested resource", YamlMap.Empty);

    public static ApiStatusException Expired(string message) => new(410, ApiReasons.Expired, message);

    public static ApiStatusException TooOld(long asked, long oldest) => Expired($"too old resource version: {asked} ({oldest})");

    public static ApiStatusException TooLarge(long limit) =>
        new(413, ApiReasons.RequestEntityTooLarge, $"Request entity too large: limit is {limit}");

    public static ApiStatusException Unsupported(string type, string accepted) => new(
        415, ApiReasons.UnsupportedMediaType, $"the body of the request was in an unknown format - accepted media types include: {accepted}",
        YamlMap.Of(("causes", YamlList.Create([YamlMap.Of(("reason", "UnexpectedMediaType"), ("message", type))]))));

    public static ApiStatusException NotAcceptable() => new(
        406, ApiReasons.NotAcceptable, "only the following media types are accepted: application/json, application/yaml");

    public static ApiStatusException Internal(string message) =>
        new(500, ApiReasons.InternalError, $"Internal error occurred: {message}", YamlMap.Of(("causes", YamlList.Create([YamlMap.Of(("message", message))]))));

    public static ApiStatusException Invalid(ServedResource resource, string name, IReadOnlyList<FieldProblem> problems)
    {
        var texts = problems.Select(p => $"{p.Field}: {p.Message}").Distinct(StringComparer.Ordinal).ToList();
        var message = $"{resource.QualifiedKind} \"{name}\" is invalid: {(texts.Count == 1 ? texts[0] : $"[{string.Join(", ", texts)}]")}";
        var causes = problems.Select(p => (YamlNode)YamlMap.Of(("reason", p.Reason), ("message", p.Message), ("field", p.Field)));
        var details = YamlMap.Of(("name", name), ("group", resource.Group), ("kind", resource.Kind), ("causes", new YamlList(causes)));
        return new ApiStatusException(422, ApiReasons.Invalid, message, WithoutEmpty(details));
    }

    public static YamlMap Details(ServedResource resource, string name) =>
        WithoutEmpty(YamlMap.Of(("name", name), ("group", resource.Group), ("kind", resource.Plural)));

    private static YamlMap WithoutEmpty(YamlMap details)
    {
        foreach (var key in details.Keys.ToArray())
        {
            details = details[key] is YamlScalar { Kind: ScalarKind.String, Text: "" } ? details.Without(key) : details;
        }

        return details;
    }
}
