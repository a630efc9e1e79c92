using Capstan.Resources;

namespace Capstan.Delivery.Tests.Sync;

internal static class Differences
{
    public static FieldDifference Of(params string[] path) => new(FieldPath.Of(path), null, null, "", null);
}
