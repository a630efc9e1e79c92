using Capstan.Delivery.Comparing;

namespace Capstan.Delivery.Tests.Sync;

internal static class Differences
{
    public static FieldDifference Of(string path) => new(path, null, null);
}
